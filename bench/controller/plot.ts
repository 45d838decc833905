/** A bar or a point of a plot. */
export interface Value {
  readonly label: string;
  readonly value: number;
}

/** What a plot shows. */
export interface Plot {
  readonly title: string;
  /** The unit of the values. */
  readonly unit: string;
  readonly values: readonly Value[];
}

const WIDTH = 640;
const ROW = 32;
const TOP = 48;
/** Where the bars begin, and how long the longest is. */
const LEFT = 190;
const LONGEST = 360;
const FONT = 'font-family="system-ui, sans-serif"';
/** Readable on white and on black. */
const TEXT = '#7a7a7a';
const BAR = '#2f81f7';

/** Returns a plot as SVG: one horizontal bar for each value. */
export function plot({ title, unit, values }: Plot): string {
  const height = TOP + ROW * values.length + 16;
  const most = Math.max(...values.map(({ value }) => value));
  const bars = values.flatMap(({ label, value }, index) => {
    const y = TOP + ROW * index;
    const width = ((LONGEST * value) / most).toFixed(1);
    const shown = value < 10 ? value.toFixed(2) : value.toFixed(0);
    return [
      `<text x="${LEFT - 12}" y="${y + 15}" text-anchor="end" fill="${TEXT}" font-size="13">${label}</text>`,
      `<rect x="${LEFT}" y="${y}" width="${width}" height="20" rx="3" fill="${BAR}"/>`,
      `<text x="${LEFT + 8 + Number(width)}" y="${y + 15}" fill="${TEXT}" font-size="13">${shown} ${unit}</text>`,
    ];
  });
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" role="img" aria-label="${title}" ${FONT}>`,
    `<text x="16" y="26" fill="${TEXT}" font-size="15" font-weight="600">${title}</text>`,
    ...bars,
    '</svg>\n',
  ].join('\n');
}
