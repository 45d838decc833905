import { MAX_DESCRIBED, shortened, visible } from './text.ts';

// The base of all failures. Each room lists its own in an `errors.ts`: codes, their fields and the messages for the
// terminal, the log and the `Synced` condition. A field is a name, a place or a number, never a value, a key or a token.

/** The messages of one room's failures by code. `max` is the longest message, in UTF-16 units. */
export type Wording = Readonly<Record<string, (fields: never, max: number) => string>>;

/** The details of the failures that a wording covers: a union of `{ code, …fields }`. */
export type DetailsIn<W extends Wording> = {
  [C in keyof W & string]: { readonly code: C } & Readonly<FieldsOf<W[C]>>;
}[keyof W & string];

type FieldsOf<F extends Wording[string]> = Parameters<F> extends [infer T, ...unknown[]] ? T : object;

/** What went wrong, as data, and how its room words it. */
export class Failure<D extends { readonly code: string } = { readonly code: string }> {
  /** The code, and the names, places and numbers in the message. Never a value, a key or a token. */
  readonly details: D;
  readonly #wording: Wording;

  /** @param wording has an entry for each code of `D` */
  constructor(details: D, wording: Readonly<Record<D['code'], Wording[string]>>) {
    this.details = details;
    this.#wording = wording;
  }

  /** The code, which logs show. */
  get code(): D['code'] {
    return this.details.code;
  }

  /**
   * Returns the message, without prefix. It has several lines only for several distinct problems. The message is at most
   * `max` UTF-16 units long and never built longer: the rest is counted ("and 7 more") or cut.
   */
  describe({ max = MAX_DESCRIBED }: { readonly max?: number } = {}): string {
    // The constructor checks that the wording fits the details; TypeScript does not keep track of that.
    const words = this.#wording[this.code] as (fields: object, max: number) => string;
    const fields = Object.entries(this.details).map(([field, value]): [string, unknown] => [
      field,
      shown(value),
    ]);
    return shortened(words(Object.fromEntries(fields), max), max);
  }

  /** Whether the failure is worded by `wording`, so that its details are among those that `wording` covers. */
  isOneOf<W extends Wording>(wording: W): this is Failure<DetailsIn<W>> {
    return this.#wording === wording;
  }
}

/** A thrown failure. `message` is its description. */
export class SealedSecretsError extends Error {
  override readonly name = 'SealedSecretsError';
  readonly failure: Failure;

  constructor(failure: Failure) {
    super(failure.describe());
    this.failure = failure;
  }
}

/** The message about an error that no room has worded. */
const INTERNAL = {
  Internal: (f: { where: string; name: string }) =>
    `internal error in ${f.where} (${f.name}); please report it`,
} satisfies Wording;

/**
 * Returns the failure of a thrown value. Any error but `SealedSecretsError` becomes `Internal` with only its class
 * name, since its message may quote values.
 */
export function failureOf(error: unknown, where: string): Failure {
  if (error instanceof SealedSecretsError) return error.failure;
  const name = error instanceof Error ? error.name : typeof error;
  return new Failure({ code: 'Internal', where, name }, INTERNAL);
}

/** Shortens texts. Leaves lists alone: each message bounds its own. */
function shown(value: unknown): unknown {
  return typeof value === 'string' ? visible(value) : value;
}
