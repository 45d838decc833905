/** Colours of a terminal, as its control sequences name them. */
export const COLORS = { red: 31, yellow: 33 } as const;

/** The name of a colour. */
export type Color = keyof typeof COLORS;

/** Colours a text for a terminal, unless the user turned colours off (https://no-color.org). */
export function colored(text: string, color: Color, stream: NodeJS.WriteStream): string {
  return showsColors(stream) ? painted(text, color) : text;
}

/** Whether what a stream writes to shows colours, and the user wants them. */
export function showsColors(stream: NodeJS.WriteStream): boolean {
  return stream.isTTY && !process.env['NO_COLOR'] && process.env['TERM'] !== 'dumb';
}

/** Colours a text. */
export function painted(text: string, color: Color): string {
  return `\x1b[${COLORS[color]}m${text}\x1b[0m`;
}
