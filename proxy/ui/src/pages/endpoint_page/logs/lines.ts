/** The lines of a log that have the text in them, without regard to case. The last, empty line is none. */
export function linesWith(log: string, text: string): { shown: string[]; all: number } {
  const lines = log.split('\n');
  if (lines.at(-1) === '') lines.pop();
  const wanted = text.trim().toLowerCase();
  return { shown: wanted ? lines.filter((line) => line.toLowerCase().includes(wanted)) : lines, all: lines.length };
}
