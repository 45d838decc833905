import { HEIGHTS, WIDTH } from '../../build/dashboard/grafana.ts';
import type { Panel, Row, Threshold } from '../../build/dashboard/panel.ts';
import { COLORS, drawPlot, TEXT, type Box, type Frame, type Line, type Span } from './plot.ts';
import type { Answers } from './prometheus.ts';
import { inUnit, shortened, xml } from './text.ts';

/** The size of a unit of the grid, in px. */
const [COLUMN, LEVEL, GAP] = [58, 30, 6];
const TITLE = 22;
const FRAME = '#7a7a7a55';
const MOST_LINES = 7;

/** Returns what a query has returned. */
type Ask = (expr: string) => Answers;

/** Draws rows of the dashboard, as they are in Grafana, as SVG. */
export function drawRows(rows: readonly Row[], ask: Ask, span: Span): string {
  const parts: string[] = [];
  let y = 0;
  for (const { title, panels } of rows) {
    parts.push(
      `<text x="${GAP}" y="${y + 21}" fill="${TEXT}" font-size="15" font-weight="600">${xml(title)}</text>`,
    );
    y += LEVEL;
    let [column, height] = [0, 0];
    for (const panel of panels) {
      if (column + panel.width > WIDTH) [column, y] = [0, y + height];
      height = HEIGHTS[panel.kind] * LEVEL;
      const [x, width] = [column * COLUMN, panel.width * COLUMN];
      const box = { x: x + GAP / 2, y: y + GAP / 2, width: width - GAP, height: height - GAP };
      parts.push(drawPanel(panel, ask, { box, span }));
      column += panel.width;
    }
    y += height;
  }
  const label = 'The dashboard, drawn with the metrics of a run of a few minutes';
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH * COLUMN} ${y}" role="img" aria-label="${label}" font-family="system-ui, sans-serif">`,
    ...parts,
    '</svg>\n',
  ].join('\n');
}

function drawPanel(panel: Panel, ask: Ask, { box, span }: Frame): string {
  const inner = { ...box, y: box.y + TITLE, height: box.height - TITLE };
  return [
    `<rect x="${box.x}" y="${box.y}" width="${box.width}" height="${box.height}" rx="3" fill="none" stroke="${FRAME}"/>`,
    `<text x="${box.x + 10}" y="${box.y + 16}" fill="${TEXT}" font-size="12" font-weight="600">${xml(panel.title)}</text>`,
    { stat: drawStat, table: drawTable, timeseries: drawLines }[panel.kind](panel, ask, { box: inner, span }),
  ].join('\n');
}

function drawLines(panel: Panel, ask: Ask, frame: Frame): string {
  const lines = panel.targets.flatMap(({ expr, legend }) =>
    ask(expr).map(({ labels, points }): Line => ({ name: named(legend, labels), points })),
  );
  if (lines.length > 0) return drawPlot(panel, lines, frame);
  return centered(panel.noValue ?? 'no data', frame.box, { size: 12, color: TEXT });
}

/** Draws the last value of each series. */
function drawStat(panel: Panel, ask: Ask, { box }: Frame): string {
  const values = panel.targets.flatMap(({ expr }) => last(ask(expr)));
  const [first] = values;
  if (first === undefined) return centered(panel.noValue ?? 'no data', box, { size: 26, color: TEXT });
  const text = values.map(({ value }) => inUnit(value, panel.unit)).join(' ');
  return centered(text, box, {
    size: 26,
    color: colorAt(first.value, panel.thresholds ?? [[undefined, 'green']]),
  });
}

/** Draws the last values as a table; queries with the same labels share a line. */
function drawTable(panel: Panel, ask: Ask, { box }: Frame): string {
  const columns = panel.columns ?? [];
  const lines = new Map<string, Record<string, string>>();
  for (const [index, { expr }] of panel.targets.entries()) {
    const field =
      panel.targets.length === 1 ? 'Value' : `Value #${String.fromCharCode('A'.charCodeAt(0) + index)}`;
    const column = columns.find((each) => each.field === field);
    const texts = column?.texts ?? panel.texts;
    for (const { labels, value } of last(ask(expr))) {
      const line = lines.get(JSON.stringify(labels)) ?? { ...labels };
      line[field] = texts?.[String(value)] ?? inUnit(value, column?.unit ?? panel.unit);
      lines.set(JSON.stringify(labels), line);
    }
  }
  // The first column is the widest: names and fingerprints.
  const most = Math.floor(box.width / (columns.length + 1) / 7);
  const left = (index: number): number =>
    box.x + 10 + (index === 0 ? 0 : ((index + 1) * box.width) / (columns.length + 1));
  const row = (texts: readonly string[], y: number, weight: number): string =>
    texts
      .map((text, index) => {
        const shown = shortened(text, index === 0 ? 2 * most : most);
        return `<text x="${left(index).toFixed(0)}" y="${y}" fill="${TEXT}" font-size="11" font-weight="${weight}">${xml(shown)}</text>`;
      })
      .join('');
  const titles = columns.map(({ title }) => title);
  const bodies = [...lines.values()]
    .slice(0, MOST_LINES)
    .map((line) => columns.map(({ field }) => line[field] ?? ''));
  return [titles, ...bodies]
    .map((texts, index) => row(texts, box.y + 18 + index * 24, index === 0 ? 600 : 400))
    .join('\n');
}

/** Returns the last value of each series that still exists at the end. */
function last(answers: Answers): { readonly labels: Answers[number]['labels']; readonly value: number }[] {
  const end = Math.max(0, ...answers.flatMap(({ points }) => points.map(([time]) => time)));
  return answers.flatMap(({ labels, points }) => {
    const point = points.at(-1);
    return point === undefined || point[0] < end ? [] : [{ labels, value: point[1] }];
  });
}

function named(legend: string, labels: Readonly<Record<string, string>>): string {
  return legend.replaceAll(/\{\{(\w+)\}\}/g, (_, label: string) => labels[label] ?? '');
}

function colorAt(value: number, thresholds: readonly Threshold[]): string {
  const [, color] = thresholds.findLast(([from]) => from === undefined || value >= from) ?? [
    undefined,
    'green',
  ];
  return COLORS[color];
}

interface Style {
  readonly size: number;
  readonly color: string;
}

function centered(text: string, { x, y, width, height }: Box, { size, color }: Style): string {
  const at = `x="${x + width / 2}" y="${(y + height / 2 + size / 4).toFixed(0)}"`;
  return `<text ${at} text-anchor="middle" fill="${color}" font-size="${size}" font-weight="600">${xml(text)}</text>`;
}
