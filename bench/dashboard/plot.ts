import type { Color, Panel } from '../../build/dashboard/panel.ts';
import type { Answers } from './prometheus.ts';
import { inUnit, shortened, xml } from './text.ts';

/** A rectangle, in px. */
export interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** The time that a picture shows, in s. */
export interface Span {
  readonly began: number;
  readonly ended: number;
}

/** Where and for which time to draw. */
export interface Frame {
  readonly box: Box;
  readonly span: Span;
}

/** A named line of a plot. */
export interface Line {
  readonly name: string;
  readonly points: Answers[number]['points'];
}

/** The colors of the text and of the grid; readable on white and on black. */
export const TEXT = '#7a7a7a';
const GRID = '#7a7a7a44';
/** Colors that are told apart by most people (Okabe and Ito). */
const PALETTE = ['#0072b2', '#e69f00', '#009e73', '#cc79a7', '#d55e00', '#56b4e9', '#b8a900', '#7a7a7a'];
/** Grafana's names of colors. */
export const COLORS: Readonly<Record<Color, string>> = {
  green: '#2e9e4f',
  yellow: '#d9a400',
  orange: '#e8730c',
  red: '#d43a4b',
  blue: '#2f81f7',
};

const LEFT = 62;
const BOTTOM = 18;
const LEGEND = 16;
/** The width of a letter of a legend, in px. */
const LETTER = 6.8;

/** Draws lines, or areas on top of each other, with axes and a legend. */
export function drawPlot(panel: Panel, lines: readonly Line[], { box, span }: Frame): string {
  const legend = legendOf(panel, lines, box);
  const area = {
    x: box.x + LEFT,
    y: box.y + 6,
    width: box.width - LEFT - 8,
    height: box.height - 6 - BOTTOM - legend.height,
  };
  const stacked =
    panel.isStacked === true ? stack(lines) : lines.map((line) => ({ ...line, base: undefined }));
  const highest = Math.max(
    0,
    ...stacked.flatMap(({ points }) => points.map(([, value]) => value)).filter(Number.isFinite),
  );
  const top = niceTop(highest, panel.unit);
  const x = (time: number): string =>
    (area.x + ((time - span.began) / (span.ended - span.began)) * area.width).toFixed(1);
  const y = (value: number): string => (area.y + area.height - (value / top) * area.height).toFixed(1);
  const drawn = stacked.map(({ name, points, base }, index) => {
    const color = colorOf(panel, name, index);
    const at = points.filter(([, value]) => Number.isFinite(value));
    const path = at.map(([time, value]) => `${x(time)},${y(value)}`).join(' ');
    if (base === undefined)
      return `<polyline points="${path}" fill="none" stroke="${color}" stroke-width="1.5"/>`;
    const under = [...base]
      .reverse()
      .map(([time, value]) => `${x(time)},${y(value)}`)
      .join(' ');
    return `<polygon points="${path} ${under}" fill="${color}" fill-opacity="0.45" stroke="${color}" stroke-width="0.7"/>`;
  });
  return [axes(area, { top, unit: panel.unit, span, x, y }), ...drawn, legend.svg].join('\n');
}

interface Axes {
  readonly top: number;
  readonly unit: string;
  readonly span: Span;
  readonly x: (time: number) => string;
  readonly y: (value: number) => string;
}

function axes(area: Box, { top, unit, span, x, y }: Axes): string {
  const style = `fill="${TEXT}" font-size="10"`;
  const levels = [0, 0.5, 1].map((part) => {
    const at = y(top * part);
    return (
      `<line x1="${area.x}" x2="${area.x + area.width}" y1="${at}" y2="${at}" stroke="${GRID}"/>` +
      `<text x="${area.x - 6}" y="${Number(at) + 3}" text-anchor="end" ${style}>${inUnit(top * part, unit)}</text>`
    );
  });
  const minutes = Math.floor((span.ended - span.began) / 60);
  const times = Array.from({ length: minutes + 1 }, (_, minute) => {
    const at = x(span.began + 60 * minute);
    return `<text x="${at}" y="${area.y + area.height + 13}" text-anchor="middle" ${style}>${minute}:00</text>`;
  });
  return [...levels, ...times].join('');
}

/** Adds to each line those before it, at the times that any of them has. */
function stack(lines: readonly Line[]): (Line & { readonly base: Line['points'] })[] {
  const times = [...new Set(lines.flatMap(({ points }) => points.map(([time]) => time)))].sort(
    (a, b) => a - b,
  );
  let below = new Map(times.map((time) => [time, 0]));
  return lines.map(({ name, points }) => {
    const own = new Map(points);
    const base = times.map((time) => [time, below.get(time) ?? 0] as const);
    below = new Map(base.map(([time, value]) => [time, value + (own.get(time) ?? 0)]));
    return { name, base, points: [...below] };
  });
}

function colorOf({ colors }: Panel, name: string, index: number): string {
  const named = colors?.[name];
  return named === undefined ? (PALETTE[index % PALETTE.length] ?? TEXT) : COLORS[named];
}

/** Returns the names of the lines in rows as wide as the box, at most three; and the height of them. */
function legendOf(
  panel: Panel,
  lines: readonly Line[],
  box: Box,
): { readonly svg: string; readonly height: number } {
  const entries: string[] = [];
  let [left, row] = [0, 0];
  for (const [index, { name }] of lines.entries()) {
    const text = shortened(name, 34);
    const width = 20 + text.length * LETTER;
    if (left > 0 && left + width > box.width - 16) [left, row] = [0, row + 1];
    if (row > 2) break;
    entries.push(`${left} ${row} ${colorOf(panel, name, index)} ${text}`);
    left += width;
  }
  const height = lines.length === 0 ? 0 : (Math.min(row, 2) + 1) * LEGEND;
  const svg = entries.map((entry) => {
    const [, x = '0', line = '0', color = TEXT, text = ''] = /^(\S+) (\S+) (\S+) (.*)$/.exec(entry) ?? [];
    const [at, y] = [box.x + 10 + Number(x), box.y + box.height - height + Number(line) * LEGEND + 11];
    return (
      `<rect x="${at}" y="${y - 5}" width="10" height="3" fill="${color}"/>` +
      `<text x="${at + 14}" y="${y}" fill="${TEXT}" font-size="11">${xml(text)}</text>`
    );
  });
  return { svg: svg.join(''), height };
}

/** Returns a number that is round in its unit and not below the value. */
function niceTop(value: number, unit: string): number {
  if (value <= 0) return 1;
  const sizes = unit === 's' ? [1, 60, 3600, 86_400] : [1, 1024, 1024 ** 2, 1024 ** 3];
  const size = unit === 's' || unit === 'bytes' ? (sizes.findLast((each) => value > 2 * each) ?? 1) : 1;
  const power = 10 ** Math.floor(Math.log10(value / size));
  return ([1, 2, 4, 5, 10].find((factor) => factor * power >= value / size) ?? 10) * power * size;
}
