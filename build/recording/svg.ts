import type { Cast } from './cast.ts';
import { Screen, type Span } from './screen.ts';

/** Sizes in pixels. */
const SIZE = { font: 14, column: 8.43, row: 19, padding: 14 };
/** How long the last picture stays before the recording starts again, in seconds. */
const REST = 5;
const COLORS: Readonly<Record<number, string>> = {
  31: '#f48771',
  32: '#89d185',
  33: '#e5c07b',
  34: '#6fb3ff',
  35: '#d7a1e6',
  36: '#4ec9d4',
  90: '#8b949e',
};

/** What a row shows for some time. */
interface Shown {
  readonly row: number;
  readonly spans: readonly Span[];
  readonly from: number;
  /** Infinite for what is shown at the end. */
  readonly until: number;
}

/**
 * Returns a recording as an animated SVG that plays in a loop. It has an element for each state of each row. Readers who
 * prefer no motion see the last picture.
 */
export function renderSvg(cast: Cast): string {
  const duration = (cast.events.at(-1)?.time ?? 0) + REST;
  const width = Math.round(cast.columns * SIZE.column + 2 * SIZE.padding);
  const height = cast.rows * SIZE.row + 2 * SIZE.padding;
  const shown = shownRows(cast);
  const percent = (time: number): string => `${((time / duration) * 100).toFixed(2)}%`;
  const frames = shown.map(({ from, until }, index) => {
    const end = until === Infinity ? '' : `${percent(until)}{visibility:hidden}`;
    return `@keyframes k${index}{0%{visibility:hidden}${percent(from)}{visibility:visible}${end}}`;
  });
  const rows = shown.map(({ row, spans, until }, index) => {
    const y = SIZE.padding + row * SIZE.row + SIZE.font;
    const last = until === Infinity ? ' class="last"' : '';
    return `<text${last} x="${SIZE.padding}" y="${y}" style="animation-name:k${index}">${spans.map(spanSvg).join('')}</text>`;
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img">
<title>${escapeXml(cast.title)}</title>
<style>
text{font:${SIZE.font}px ui-monospace,SFMono-Regular,Menlo,Consolas,monospace;fill:#d4d4d4;white-space:pre;visibility:hidden;animation:${duration.toFixed(2)}s step-end infinite}
@media(prefers-reduced-motion:reduce){text{animation:none}.last{visibility:visible}}
${frames.join('\n')}
</style>
<rect width="100%" height="100%" rx="8" fill="#1e1e1e"/>
${rows.join('\n')}
</svg>
`;
}

/** Returns every state of every row that has text, in the order in which they appear. */
function shownRows({ columns, rows, events }: Cast): readonly Shown[] {
  const screen = new Screen(columns, rows);
  const shown: Shown[] = [];
  const current = new Map<number, { readonly spans: readonly Span[]; readonly from: number }>();
  const end = (row: number, until: number): void => {
    const before = current.get(row);
    if (before !== undefined && before.spans.length > 0) shown.push({ row, ...before, until });
  };
  for (const { time, output } of events) {
    screen.write(output);
    screen.rows().forEach((spans, row) => {
      if (JSON.stringify(current.get(row)?.spans ?? []) === JSON.stringify(spans)) return;
      end(row, time);
      current.set(row, { spans, from: time });
    });
  }
  for (const row of current.keys()) end(row, Infinity);
  return shown.toSorted((a, b) => a.from - b.from || a.row - b.row);
}

function spanSvg({ text, color }: Span): string {
  const fill = color === undefined ? undefined : COLORS[color];
  return fill === undefined ? escapeXml(text) : `<tspan fill="${fill}">${escapeXml(text)}</tspan>`;
}

function escapeXml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
