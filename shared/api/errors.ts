import { Failure, SealedSecretsError, type DetailsIn, type Wording } from '../errors.ts';

/** The messages about the fields of an API object, by code. */
const WORDING = {
  NotUtf8: (f: { at: string; utf16?: boolean }) =>
    `${f.at} is not UTF-8 text${f.utf16 ? ' but UTF-16: save it as UTF-8' : ''}`,
  DeepNesting: (f: { at: string; max: number }) => `${f.at}: nesting deeper than ${f.max}`,
  WrongKind: (f: { at: string; kind: string; wanted: string }) => `${f.at} is a ${f.kind}, not a ${f.wanted}`,
  WrongType: (f: { at: string; found: string; wanted: string }) => {
    const unquoted = f.wanted === 'a string' && /number|boolean/.test(f.found);
    return `${f.at} is ${f.found}, not ${f.wanted}${unquoted ? ': put it in quotes' : ''}`;
  },
  WrongVersion: (f: { at: string; version: string; wanted: string }) =>
    `${f.at} has apiVersion ${f.version}, not ${f.wanted}`,
  Missing: (f: { at: string }) => `${f.at} is missing`,
  DuplicateField: (f: { at: string }) => `${f.at} is specified twice`,
  BadBase64: (f: { at: string; offset: number }) =>
    `${f.at}: illegal base64 data at input byte ${f.offset} (plain text belongs in stringData)`,
  BadName: (f: { at: string; value: string; rule: string }) =>
    `${f.at}: "${f.value}" is not a valid name: ${f.rule}`,
} satisfies Wording;

/** A failure about the fields of an API object. */
export type ObjectFailure = Failure<DetailsIn<typeof WORDING>>;

/** Returns a failure about the fields of an API object. */
export function objectFailure(details: ObjectFailure['details']): ObjectFailure {
  return new Failure(details, WORDING);
}

/** Throws a failure about the fields of an API object, as `SealedSecretsError`. */
export function fail(details: ObjectFailure['details']): never {
  throw new SealedSecretsError(objectFailure(details));
}

/** Whether a failure is about the fields of an API object. */
export function isObjectFailure(failure: Failure): failure is ObjectFailure {
  return failure.isOneOf(WORDING);
}
