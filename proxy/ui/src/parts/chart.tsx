// A line chart over time. Loaded apart from the first page (import it by React.lazy).
import { useEffect, useRef } from 'react';
import UPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';

export interface ChartLine {
  label: string;
  values: (number | null)[];
}

interface Props {
  label: string; // for screen readers; the table beside the chart has the numbers
  times: number[]; // ms
  lines: ChartLine[];
  format: (value: number) => string;
  height?: number;
}

export const lineColours = ['--line-1', '--line-2', '--line-3', '--line-4', '--line-5', '--line-6'];

export default function Chart({ label, times, lines, format, height = 200 }: Props) {
  const box = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const element = box.current;
    if (!element) return;
    let plot: UPlot | undefined;
    const draw = () => {
      plot?.destroy();
      const style = getComputedStyle(element);
      const colour = (name: string) => style.getPropertyValue(name).trim();
      const axis = { stroke: colour('--muted'), grid: { stroke: colour('--line'), width: 1 }, ticks: { show: false } };
      plot = new UPlot(
        {
          width: element.clientWidth || 300,
          height,
          cursor: { drag: { x: false, y: false } },
          legend: { live: true },
          scales: { y: { range: (_, low, high) => [Math.min(0, low ?? 0), (high ?? 0) > 0 ? high * 1.1 : 1] } },
          axes: [axis, { ...axis, size: 64, values: (_, ticks) => ticks.map(format) }],
          series: [
            {},
            ...lines.map((line, i) => ({
              label: line.label,
              stroke: colour(lineColours[i % lineColours.length]!),
              width: 2,
              spanGaps: false,
              points: { show: times.length < 3 || line.values.filter((v) => v !== null).length < 3 },
              value: (_: UPlot, value: number | null) => (value === null ? '–' : format(value)),
            })),
          ],
        },
        [times.map((ms) => ms / 1000), ...lines.map((line) => line.values)],
        element,
      );
    };
    draw();
    const resized = new ResizeObserver(() => {
      if (plot && plot.width !== element.clientWidth) plot.setSize({ width: element.clientWidth, height });
    });
    resized.observe(element);
    const themed = new MutationObserver(draw);
    themed.observe(document.documentElement, { attributeFilter: ['data-theme'] });
    const dark = matchMedia('(prefers-color-scheme: dark)');
    dark.addEventListener('change', draw);
    return () => {
      dark.removeEventListener('change', draw);
      themed.disconnect();
      resized.disconnect();
      plot?.destroy();
    };
  }, [times, lines, format, height]);
  return <div ref={box} className="chart" role="img" aria-label={label} />;
}
