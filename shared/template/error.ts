/** Errors of templates, in Go's words, and how much of them who may see. */
import { quote } from './quote.ts';
import { textOf } from './utf8.ts';

/** Where a template failed. It quotes no data, but which place failed can depend on the data. */
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
 * A template that cannot be parsed, or that failed while running. `message` is `withheld()`, so that an error which is
 * logged by mistake reveals nothing.
 */
export class TemplateError extends Error {
  override readonly name = 'TemplateError';
  /** Private, so that no logger finds them: where a run failed depends on the data too. */
  readonly #place: ErrorPlace;
  readonly #detail: string;

  constructor(place: ErrorPlace, detail: string) {
    super(withoutDetails(place, detail));
    this.#place = place;
    this.#detail = detail;
  }

  /** Where it failed. Of a failure while running, it depends on the data. */
  get place(): ErrorPlace {
    return this.#place;
  }

  /** Go's words for what went wrong, as bytes (see value.ts). They may quote the data. */
  get detail(): string {
    return this.#detail;
  }

  /** Place and detail, just as Go words them: for readers who may see the data. */
  whole(): string {
    return word(this.#place, this.#detail);
  }

  /**
   * What readers who may not see the data are told. A parse error depends on the text alone and is shown whole. Of a
   * failure while running only the name is shown: its line, its words and its kind depend on the data.
   */
  withheld(): string {
    return withoutDetails(this.#place, this.#detail);
  }
}

function withoutDetails(place: ErrorPlace, detail: string): string {
  return place.running === undefined ? word(place, detail) : textOf(`template: ${place.name}: ${FAILED}`);
}

/** The same words for every failure while running, for a reached limit too. */
const FAILED = 'failed while running, or went over a limit';

function word({ name, line, running }: ErrorPlace, detail: string): string {
  if (running === undefined) return textOf(`template: ${name}:${line}: ${detail}`);
  const { column, template, source, called } = running;
  const calling = called === undefined ? '' : `error calling ${called}: `;
  return textOf(
    `template: ${name}:${line}:${column}: executing ${quote(template)} at <${source}>: ${calling}${detail}`,
  );
}
