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

/** The reasons of the `Synced` condition. docs/controller.md documents them. */
export const REASONS = [
  'Unsealed',
  'Patched',
  'Processing',
  'NoKey',
  'WrongScope',
  'InvalidData',
  'TemplateError',
  'NotManaged',
  'PatchedSecretGone',
  'Immutable',
  'Refused',
  'UpdateFailed',
] as const;
/** One of {@link REASONS}. */
export type Reason = (typeof REASONS)[number];

/**
 * How the Secret is marked as the SealedSecret's own: `Reference` by its owner reference, `Status` by its `owner-uid`
 * annotation, `None` if a foreign Secret was patched. The stored name `Status` is from earlier releases, in which the
 * status itself was the mark.
 */
export type Ownership = 'Reference' | 'Status' | 'None';

/** What was last applied. A hint that saves work; it never proves ownership of a Secret. */
export interface Applied {
  readonly sealedSecretUID: string;
  readonly generation: number;
  readonly scope: string;
  readonly secretUID: string;
  readonly secretResourceVersion: string;
  readonly ownership: Ownership;
  /** The fingerprints of the keys that opened the items, sorted; undefined if they are not known. */
  readonly keys?: readonly string[] | undefined;
}

/** The status of a SealedSecret. */
export interface Status {
  readonly observedGeneration: number;
  readonly conditions: readonly Condition[];
  readonly applied: Applied | undefined;
}

/** The longest name, UID, version or time in a status, in UTF-16 units. Real ones are shorter. */
const MAX_WORD = 317;

/** The most keys in `applied`. */
export const MAX_APPLIED_KEYS = 32;

/** Parses a status. Throws `WrongType` if a field does not have the type of the CRD. */
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

/** Returns the time, or an empty text if it is too long to be one. */
function time(text = ''): string {
  return text.length > MAX_WORD ? '' : text;
}

/** Returns undefined if a word is too long, since this controller did not write it. */
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
    ...keysOf(applied),
  };
}

/** Returns no keys if there are too many or if one is too long, since this controller did not write them. */
function keysOf(applied: Reader): Pick<Applied, 'keys'> {
  if (applied.value('keys') === undefined) return {};
  const keys = applied.strings('keys');
  const ours = keys.length <= MAX_APPLIED_KEYS && keys.every(({ length }) => length <= MAX_WORD);
  return ours ? { keys } : {};
}

/** Parses an unknown value as `None`. */
function parseOwnership(text: string | undefined): Ownership {
  if (text === undefined || text === 'Reference') return 'Reference';
  return text === 'Status' ? 'Status' : 'None';
}
