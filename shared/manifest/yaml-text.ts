import { parseEvents, YAMLException, type Event } from 'js-yaml';
import { MAX_DEPTH } from '../api/depth.ts';
import { lineAndColumn, YamlError } from './yaml-error.ts';
import { isTooDeep, isUnindented, problemAt, YAML_WORDS } from './yaml-words.ts';

/** How much text may be parsed again after repairs, in UTF-16 units. */
const MAX_REPEATED = 16 * 1024 * 1024;
/** Deeper than the indentation of any key whose value is in brackets. */
const PADDING = ' '.repeat(256);

/** A text, its parser events and its positions. */
export class YamlText {
  #text: string;
  /** The lines that were padded with spaces, counted from 1. */
  readonly #padded = new Set<number>();
  /** Where they start in the padded text, in ascending order: a repaired line is never before another one. */
  readonly #paddings: number[] = [];
  readonly events: Event[];

  /** Parses the text. Throws `YamlError`. */
  constructor(text: string) {
    this.#text = text;
    this.events = this.#parse();
  }

  /** The text that the events refer to. */
  get source(): string {
    return this.#text;
  }

  /** Converts an offset of the source to one of the text without repairs, both in UTF-16 units. */
  originalOffset(offset: number): number {
    return offset - PADDING.length * (this.#paddings.findLastIndex((start) => start < offset) + 1);
  }

  /** @param offset of the source, in UTF-16 units */
  error(problem: string, offset: number): YamlError {
    const { line, column } = lineAndColumn(this.#text, offset);
    const shift = this.#padded.has(line) ? PADDING.length : 0;
    return new YamlError(problem, line, Math.max(1, column - shift));
  }

  /** Converts a syntax error. The library's own message quotes the text and has several lines. */
  #syntaxError({ reason, mark }: YAMLException): YamlError {
    const { code, offset } = problemAt(reason, mark?.position ?? 0, this.#text);
    return this.error(YAML_WORDS[code], offset);
  }

  /** Parses the text, with small repairs where the library rejects what Go accepts. */
  #parse(): Event[] {
    for (let left = MAX_REPEATED; ; left -= this.#text.length) {
      try {
        return eventsOf(this.#text);
      } catch (error) {
        if (!(error instanceof YAMLException)) throw error;
        if (left < this.#text.length || !this.#repair(error)) throw this.#syntaxError(error);
      }
    }
  }

  /**
   * Repairs the indentation of a line inside brackets, where Go accepts any indentation and tabs. The library
   * requires a closing bracket to be indented more than its key, without a tab before it. Inserts spaces before such
   * a bracket, or replaces the tabs, where white space has no meaning. Returns whether anything was repaired.
   */
  #repair({ reason, mark }: YAMLException): boolean {
    if (!isUnindented(reason)) return false;
    const at = mark?.position ?? 0;
    const { line, column } = lineAndColumn(this.#text, at);
    const start = at - column + 1;
    const before = this.#text.slice(start, at);
    const code = before.trimEnd();
    if (code !== '' && before.includes('\t', code.length)) {
      this.#replace(start + code.length, at, ' '.repeat(before.length - code.length));
      return true;
    }
    if (code !== '' || this.#padded.has(line) || !/[\]}]/.test(this.#text.charAt(at))) return false;
    this.#padded.add(line);
    this.#paddings.push(start);
    this.#replace(start, start, PADDING);
    return true;
  }

  #replace(start: number, end: number, text: string): void {
    this.#text = this.#text.slice(0, start) + text + this.#text.slice(end);
  }
}

/**
 * Parses events with a depth limit, because the parser is recursive and could exhaust the stack. The parser counts a
 * scalar as one level, and the attempt to read it as a key as another, so a text at the first limit may still be
 * valid. `checkEvents` counts exactly.
 */
function eventsOf(text: string): Event[] {
  try {
    return parseEvents(text, { maxDepth: MAX_DEPTH + 1 });
  } catch (error) {
    if (!(error instanceof YAMLException) || !isTooDeep(error.reason)) throw error;
    try {
      return parseEvents(text, { maxDepth: MAX_DEPTH + 2 });
    } catch {
      throw error;
    }
  }
}
