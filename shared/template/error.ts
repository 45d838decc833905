/** Errors of templates with Go's wording, whole or with details withheld. */
import { quote } from './quote.ts';
import { textOf } from './utf8.ts';

/** The place where a template failed. It quotes no data, but which place failed can depend on the data. */
export interface ErrorPlace {
  /** The name under which the template was parsed. */
  readonly name: string;
  /** The line number, starting at 1. */
  readonly line: number;
  /** The position in the run; absent if parsing failed. */
  readonly running?: RunningPlace;
}

/** The position of a failure at run time. */
export interface RunningPlace {
  /** The number of bytes before it in its line. */
  readonly column: number;
  /** The template that was running: `name`, or a template that it defines. */
  readonly template: string;
  /** The source text of the failing part. */
  readonly source: string;
  /** The function or method that failed, if any. */
  readonly called?: string;
}

/**
 * Thrown when a template cannot be parsed or fails at run time. `message` is `withheld()`, so that an error that is
 * logged by mistake reveals nothing.
 */
export class TemplateError extends Error {
  override readonly name = 'TemplateError';
  /** Private, like the detail, so that no logger prints it: where a run fails depends on the data. */
  readonly #place: ErrorPlace;
  readonly #detail: string;

  constructor(place: ErrorPlace, detail: string) {
    super(withoutDetails(place, detail));
    this.#place = place;
    this.#detail = detail;
  }

  /** The place of the failure. For a failure at run time, it depends on the data. */
  get place(): ErrorPlace {
    return this.#place;
  }

  /** Go's description of the failure, as bytes (see value.ts). It may quote the data. */
  get detail(): string {
    return this.#detail;
  }

  /** Returns the place and the detail in Go's wording, for readers who may see the data. */
  whole(): string {
    return word(this.#place, this.#detail);
  }

  /**
   * Returns the message for readers who must not see the data. A parse error depends on the text alone and is returned
   * whole. For a failure at run time, only the name is included: its line, wording and kind depend on the data.
   */
  withheld(): string {
    return withoutDetails(this.#place, this.#detail);
  }
}

function withoutDetails(place: ErrorPlace, detail: string): string {
  return place.running === undefined ? word(place, detail) : textOf(`template: ${place.name}: ${FAILED}`);
}

/** The same text for every failure at run time, including an exceeded limit. */
const FAILED = 'failed while running, or went over a limit';

function word({ name, line, running }: ErrorPlace, detail: string): string {
  if (running === undefined) return textOf(`template: ${name}:${line}: ${detail}`);
  const { column, template, source, called } = running;
  const calling = called === undefined ? '' : `error calling ${called}: `;
  return textOf(
    `template: ${name}:${line}:${column}: executing ${quote(template)} at <${source}>: ${calling}${detail}`,
  );
}
