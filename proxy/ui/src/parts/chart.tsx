// A line chart over time with its legend. Loaded apart from the first page (import it by React.lazy).
import { useEffect, useRef, useState } from 'react';
import UPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';

export interface ChartLine {
  label: string;
  values: (number | null)[];
}

interface Props {
  label: string; // for screen readers; the table beside the chart has the numbers
  times: number[]; // ms
  lines: ChartLine[]; // keep the same array while nothing changes
  format: (value: number) => string;
  formatTime: (ms: number) => string; // of the point under the cursor
  axisTexts?: (ticks: number[]) => string[]; // `format` of each tick unless given
  timeTexts?: (ticks: number[], incr: number) => string[]; // seconds
  whole?: boolean; // values have no fractions
  syncKey?: string; // charts with the same key share their cursor
  height?: number;
}

const lineColours = ['--line-1', '--line-2', '--line-3', '--line-4', '--line-5', '--line-6'];
const dashes = [[], [6, 4], [2, 3]]; // colour is not the only difference
const wholeIncrs = Array.from({ length: 16 }, (_, power) => [1, 2, 5].map((each) => each * 10 ** power)).flat();

export default function Chart(props: Props) {
  const { label, times, lines, height = 200 } = props;
  const latest = useRef(props);
  latest.current = props; // uPlot asks for formats and data whenever it draws
  const box = useRef<HTMLDivElement>(null);
  const plot = useRef<UPlot | null>(null);
  const [at, setAt] = useState<number | null>(null);

  useEffect(() => {
    const element = box.current;
    if (!element) return;
    const made = new UPlot(optionsOf(latest, element, setAt), dataOf(latest.current), element);
    plot.current = made;
    const stop = keepFitting(made, element, height);
    return () => {
      stop();
      plot.current = null;
      made.destroy();
    };
  }, [lines.length, height, props.syncKey, props.whole]);

  useEffect(() => plot.current?.setData(dataOf({ times, lines })), [times, lines]);
  useEffect(() => plot.current?.redraw(false, true), [props.axisTexts, props.timeTexts, props.format]);

  return (
    <div className="chart">
      <Legend {...props} at={at} />
      <div ref={box} role="img" aria-label={label} />
    </div>
  );
}

function Legend({ times, lines, format, formatTime, at }: Props & { at: number | null }) {
  const time = at === null ? undefined : times[at];
  return (
    <div className="chart-legend" aria-hidden="true">
      {lines.map((line, i) => {
        const value = at === null ? undefined : line.values[at];
        return (
          <span key={line.label} className="chart-key">
            <svg width="18" height="8">
              <line
                x2="18"
                y1="4"
                y2="4"
                stroke={`var(${lineColours[i % lineColours.length]})`}
                strokeWidth="2"
                strokeDasharray={dashes[i % dashes.length]!.join(' ')}
              />
            </svg>
            <bdi>{line.label}</bdi>
            {at !== null && <b>{value === null || value === undefined ? '–' : format(value)}</b>}
          </span>
        );
      })}
      {time !== undefined && <span className="chart-time">{formatTime(time)}</span>}
    </div>
  );
}

const dataOf = ({ times, lines }: Pick<Props, 'times' | 'lines'>): UPlot.AlignedData => [
  times.map((ms) => ms / 1000),
  ...lines.map((line) => line.values),
];

/** The colour that a custom property means now: its text is that of both themes. */
function colourOf(element: HTMLElement, name: string): string {
  const before = element.style.outlineColor;
  element.style.outlineColor = `var(${name})`;
  const colour = getComputedStyle(element).outlineColor;
  element.style.outlineColor = before;
  return colour;
}

type Latest = { readonly current: Props };

function optionsOf(latest: Latest, element: HTMLElement, onCursor: (at: number | null) => void): UPlot.Options {
  const { lines, height = 200, syncKey, whole } = latest.current;
  const colour = (name: string) => () => colourOf(element, name);
  const font = `11px ${getComputedStyle(element).fontFamily}`;
  const axis = {
    stroke: colour('--muted'),
    font,
    grid: { stroke: colour('--line'), width: 1 },
    ticks: { show: false },
  };
  const valueTexts = (ticks: number[]) => latest.current.axisTexts?.(ticks) ?? ticks.map(latest.current.format);
  const timeAxis: UPlot.Axis = { ...axis, space: 64, size: 30 };
  if (latest.current.timeTexts) {
    timeAxis.values = (_, ticks, _axis, _space, incr) => latest.current.timeTexts!(ticks, incr);
  }
  const valueAxis: UPlot.Axis = { ...axis, size: 60, values: (_, ticks) => valueTexts(ticks) };
  if (whole) valueAxis.incrs = wholeIncrs;
  return {
    width: element.clientWidth || 300,
    height,
    padding: [8, 28, 0, 0], // at the right: half of the longest label of a time, which may stand at the very end
    cursor: {
      y: false,
      drag: { x: false, y: false, setScale: false },
      ...(syncKey && { sync: { key: syncKey, setSeries: false } }),
    },
    legend: { show: false },
    scales: { x: { range: timeRange }, y: { range: valueRange } },
    axes: [timeAxis, valueAxis],
    series: [{}, ...lines.map((_, i) => seriesOf(latest, i, colour))],
    hooks: { setCursor: [(self) => onCursor(self.cursor.idx ?? null)] },
  };
}

function seriesOf(latest: Latest, i: number, colour: (name: string) => () => string): UPlot.Series {
  const stroke = colour(lineColours[i % lineColours.length]!);
  return {
    stroke,
    width: 2,
    dash: dashes[i % dashes.length]!,
    spanGaps: false,
    points: {
      show: false,
      size: 6,
      fill: stroke,
      filter: () => lonelyPoints(latest.current.lines[i]?.values ?? []),
    },
  };
}

/** Points that no line reaches, since nothing was seen before and after them: they are drawn as dots. */
export function lonelyPoints(values: (number | null)[]): number[] {
  const isSeen = (i: number) => (values[i] ?? null) !== null;
  return values.flatMap((_, i) => (isSeen(i) && !isSeen(i - 1) && !isSeen(i + 1) ? [i] : []));
}

const timeRange: UPlot.Range.Function = (_, first, last) => (first < last ? [first, last] : [first - 30, first + 30]);

/** From zero: a line that only trembles must not look like a storm. */
const valueRange: UPlot.Range.Function = (_, __, high) => [0, high > 0 ? UPlot.rangeNum(0, high, 0.1, true)[1] : 1];

/** Follows the width of its place, and the colours of the page. */
function keepFitting(plot: UPlot, element: HTMLElement, height: number): () => void {
  const resized = new ResizeObserver(() => {
    const width = element.clientWidth;
    if (width && plot.width !== width) plot.setSize({ width, height });
  });
  resized.observe(element);
  const redraw = () => plot.redraw(false, true);
  const themed = new MutationObserver(redraw);
  themed.observe(document.documentElement, { attributeFilter: ['data-theme'] });
  const dark = matchMedia('(prefers-color-scheme: dark)');
  dark.addEventListener('change', redraw);
  return () => {
    dark.removeEventListener('change', redraw);
    themed.disconnect();
    resized.disconnect();
  };
}
