/** A problem in a YAML text and its position. Never contains the text itself. */
export class YamlError extends Error {
  readonly line: number;
  readonly column: number;

  constructor(problem: string, line: number, column: number) {
    super(problem);
    this.line = line;
    this.column = column;
  }

  /** @param offset in UTF-16 units */
  static at(problem: string, offset: number, text: string): YamlError {
    const { line, column } = lineAndColumn(text, offset);
    return new YamlError(problem, line, column);
  }
}

/** Returns the line and column of an offset, both starting at 1. The column is in UTF-16 units. */
export function lineAndColumn(text: string, offset: number): { line: number; column: number } {
  let line = 1;
  let start = 0;
  for (let end = text.indexOf('\n'); end >= 0 && end < offset; end = text.indexOf('\n', start)) {
    line++;
    start = end + 1;
  }
  return { line, column: offset - start + 1 };
}
