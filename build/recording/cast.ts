import { Reader } from '../../shared/api/reader.ts';

/** Output of a terminal and when it appears, in seconds from the start. */
export interface CastEvent {
  readonly time: number;
  readonly output: string;
}

/** A recording of a terminal. */
export interface Cast {
  readonly columns: number;
  readonly rows: number;
  readonly title: string;
  readonly events: readonly CastEvent[];
}

/** Returns a recording as a file of asciicast v2 (https://docs.asciinema.org/manual/asciicast/v2/). */
export function formatCast({ columns, rows, title, events }: Cast): string {
  const header = {
    version: 2,
    width: columns,
    height: rows,
    title,
    env: { TERM: 'xterm', SHELL: '/bin/bash' },
  };
  const lines = [header, ...events.map(({ time, output }) => [Number(time.toFixed(3)), 'o', output])];
  return lines.map((line) => `${JSON.stringify(line)}\n`).join('');
}

/** Parses a file of asciicast v2. Ignores events that are not output. Throws if it is malformed. */
export function parseCast(text: string): Cast {
  const [first = '', ...lines] = text.trimEnd().split('\n');
  const header = new Reader(JSON.parse(first), { source: 'the header' });
  const { width, height } = header.raw as { readonly width?: unknown; readonly height?: unknown };
  if (typeof width !== 'number' || typeof height !== 'number') throw new Error('no width or height');
  const events = lines.map((line) => JSON.parse(line) as unknown).flatMap(eventOf);
  return { columns: width, rows: height, title: header.string('title') ?? '', events };
}

function eventOf(line: unknown): CastEvent[] {
  if (!Array.isArray(line)) throw new Error('an event is a list');
  const [time, kind, output] = line as unknown[];
  if (typeof time !== 'number' || typeof output !== 'string')
    throw new Error('an event is [time, kind, text]');
  return kind === 'o' ? [{ time, output }] : [];
}
