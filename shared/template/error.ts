/** Errors of templates, in Go's words, and how much of them who may see. */
import { quote } from './quote.ts';
import { textOf } from './utf8.ts';

/** Where a template failed. Nothing of its data is in here. */
export interface ErrorPlace {
  /** The name that the template was parsed under. */
  readonly name: string;
  readonly line: number;
  /** What was being run; absent where parsing failed. */
  readonly running?: RunningPlace;
}

export interface RunningPlace {
  /** Bytes before it in its line. */
  readonly column: number;
  /** The template that was running: `name`, or one that it defines. */
  readonly template: string;
  /** The source text of the failing part. */
  readonly source: string;
  /** The function or method that failed. */
  readonly called?: string;
}

/**
 * A template that cannot be parsed, or failed. `message` is `withheld()`, so that an error which is logged by
 * mistake tells nothing.
 */
export class TemplateError extends Error {
  override readonly name = 'TemplateError';
  readonly place: ErrorPlace;
  /** Private, so that no logger finds it. */
  readonly #detail: string;
  /** The detail is made of the template's own text alone: it quotes literals, names and limits, never data. */
  readonly literal: boolean;
  /** It was ended at a limit. */
  readonly limited: boolean;

  constructor(place: ErrorPlace, detail: string, literal: boolean, limited = false) {
    super(word(place, literal ? detail : WITHHELD));
    this.place = place;
    this.#detail = detail;
    this.literal = literal;
    this.limited = limited;
  }

  /** Go's words for what went wrong, as bytes (see value.ts). They may quote the data. */
  get detail(): string {
    return this.#detail;
  }

  /** Place and detail, just as Go words them: for who may read the data. */
  whole(): string {
    return word(this.place, this.#detail);
  }

  /** The place, and the detail only where it is `literal`. */
  withheld(): string {
    return word(this.place, this.literal ? this.#detail : WITHHELD);
  }
}

const WITHHELD = 'detail withheld';

function word({ name, line, running }: ErrorPlace, detail: string): string {
  if (running === undefined) return textOf(`template: ${name}:${line}: ${detail}`);
  const { column, template, source, called } = running;
  const calling = called === undefined ? '' : `error calling ${called}: `;
  return textOf(
    `template: ${name}:${line}:${column}: executing ${quote(template)} at <${source}>: ${calling}${detail}`,
  );
}
