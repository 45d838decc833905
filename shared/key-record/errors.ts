import { Failure, SealedSecretsError, type DetailsIn, type Wording } from '../errors.ts';

/** The messages about the key record, by code. No value of the record appears in them: anyone may have written it. */
const WORDING = {
  RecordNotJson: (f: { at: string }) => `${f.at} is not JSON`,
  BadRecordValue: (f: { at: string; wanted: string }) => `${f.at} is not ${f.wanted}`,
  TooManyRecorded: (f: { at: string; max: number; what: string }) =>
    `${f.at} has more than ${f.max.toLocaleString('en-US')} ${f.what}`,
  TwoNewestKeys: (f: { at: string }) => `${f.at} has more than one newest key`,
  WrongCertificate: (f: { at: string }) => `${f.at} is the certificate of another key`,
} satisfies Wording;

/** A failure about the content of the key record. */
export type KeyRecordFailure = Failure<DetailsIn<typeof WORDING>>;

/** Throws a failure about the content of the key record, as `SealedSecretsError`. */
export function fail(details: KeyRecordFailure['details']): never {
  throw new SealedSecretsError(new Failure(details, WORDING));
}
