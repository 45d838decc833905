import type { LineCounter } from 'yaml';

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
  static at(problem: string, offset: number, lines: LineCounter): YamlError {
    const { line, col } = lines.linePos(offset);
    return new YamlError(problem, line, col);
  }
}
