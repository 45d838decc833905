/** What is wrong with a YAML text, and where. Never the text itself. */
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

/** Where an offset stands, both counted from 1 and the column in UTF-16 units. */
export function lineAndColumn(text: string, offset: number): { line: number; column: number } {
  let line = 1;
  let start = 0;
  for (let end = text.indexOf('\n'); end >= 0 && end < offset; end = text.indexOf('\n', start)) {
    line++;
    start = end + 1;
  }
  return { line, column: offset - start + 1 };
}
