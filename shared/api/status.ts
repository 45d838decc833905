import { Reader } from './reader.ts';

/** One entry of `status.conditions`; times are RFC 3339. */
export interface Condition {
  readonly type: string;
  readonly status: string;
  readonly lastUpdateTime: string;
  readonly lastTransitionTime: string;
  readonly reason: string;
  readonly message: string;
}

/**
 * How the Secret shows that it belongs to the SealedSecret: by its owner reference, by its `owner-uid` annotation, or not
 * at all, because a Secret of others was patched. `Status` is the stored name of the second one, from earlier releases
 * in which the status itself was the proof.
 */
export type Ownership = 'Reference' | 'Status' | 'None';

/** What was last applied. A hint that saves work: it gives no right to a Secret. */
export interface Applied {
  readonly sealedSecretUID: string;
  readonly generation: number;
  readonly scope: string;
  readonly secretUID: string;
  readonly secretResourceVersion: string;
  readonly ownership: Ownership;
}

export interface Status {
  readonly observedGeneration: number;
  readonly conditions: readonly Condition[];
  readonly applied: Applied | undefined;
}

/** The longest name, UID, version or time that a status holds, in UTF-16 units. Real ones are shorter. */
const MAX_WORD = 317;

/** Reads a status. Throws `SealedSecretsError` where a field is not of the type that the CRD gives it. */
export function parseStatus(status: Reader | undefined): Status {
  return {
    observedGeneration: status?.integer('observedGeneration') ?? 0,
    conditions: (status?.list('conditions') ?? []).map(({ value, place }) => {
      const condition = new Reader(value, place);
      return {
        type: condition.string('type') ?? '',
        status: condition.string('status') ?? '',
        lastUpdateTime: time(condition.string('lastUpdateTime')),
        lastTransitionTime: time(condition.string('lastTransitionTime')),
        reason: condition.string('reason') ?? '',
        message: condition.string('message') ?? '',
      };
    }),
    applied: parseApplied(status?.object('applied')),
  };
}

/** A time that is too long to be one is left out. */
function time(text = ''): string {
  return text.length > MAX_WORD ? '' : text;
}

/** Returns undefined where a word is too long: this controller did not write it. */
function parseApplied(applied: Reader | undefined): Applied | undefined {
  const parsed = applied && readApplied(applied);
  const words = parsed && [
    parsed.sealedSecretUID,
    parsed.scope,
    parsed.secretUID,
    parsed.secretResourceVersion,
  ];
  return words?.every(({ length }) => length <= MAX_WORD) ? parsed : undefined;
}

function readApplied(applied: Reader): Applied {
  return {
    sealedSecretUID: applied.string('sealedSecretUID') ?? '',
    generation: applied.integer('generation') ?? 0,
    scope: applied.string('scope') ?? '',
    secretUID: applied.string('secretUID') ?? '',
    secretResourceVersion: applied.string('secretResourceVersion') ?? '',
    ownership: parseOwnership(applied.string('ownership')),
  };
}

/** Reads an unknown value as `None`. */
function parseOwnership(text: string | undefined): Ownership {
  if (text === undefined || text === 'Reference') return 'Reference';
  return text === 'Status' ? 'Status' : 'None';
}
