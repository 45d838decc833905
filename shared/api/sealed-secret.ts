import { failureOf, type Failure } from '../errors.ts';
import { fail } from './errors.ts';
import { isTooDeep, MAX_DEPTH } from './depth.ts';
import { checkKind, SEALED_SECRET_VERSION } from './kind.ts';
import { parseFileMetadata, parseServerMetadata, type Metadata } from './metadata.ts';
import { showPlace, type Place } from './place.ts';
import { Reader } from './reader.ts';
import { parseStatus, type Status } from './status.ts';

/** A SealedSecret (bitnami.com/v1alpha1). */
export interface SealedSecret {
  readonly metadata: Metadata;
  /** The envelope of each item, in base64; null if the value is not a string, so that only this item fails. */
  readonly encryptedData: ReadonlyMap<string, string | null>;
  /** Whether there is a `spec.encryptedData`, even an empty one: a Secret may have no items. */
  readonly hasEncryptedData: boolean;
  /** The deprecated `spec.data`, one envelope with a whole Secret, in base64; null if it is not a string. */
  readonly v1Data: string | null | undefined;
  readonly template: Template;
}

/** The Secret to make, without its encrypted items. */
export interface Template {
  readonly metadata: Metadata;
  readonly type: string;
  readonly immutable: boolean | undefined;
  /** Go templates by item. Null leaves the item out of the Secret, even if `encryptedData` has it. */
  readonly data: ReadonlyMap<string, string | null>;
}

/** Returns the names of the Secret's items: all that are decrypted or rendered, and not left out. */
export function itemNames({
  encryptedData,
  template,
}: Pick<SealedSecret, 'encryptedData' | 'template'>): readonly string[] {
  const names = new Set([...encryptedData.keys(), ...template.data.keys()]);
  return [...names].filter((name) => !isLeftOut(template, name));
}

/** Returns whether the template leaves an item out of the Secret. */
export function isLeftOut({ data }: Pick<Template, 'data'>, item: string): boolean {
  return data.get(item) === null;
}

/** A SealedSecret in a cluster. Metadata and status are always parsed, so that a failure can be reported. */
export interface StoredSealedSecret {
  readonly metadata: Metadata;
  readonly status: Status;
  /** The object, or why it is malformed: the CRD does not validate fields that it preserves as unknown. */
  readonly sealed: SealedSecret | Failure;
}

/** Parses a SealedSecret of a file. Throws `SealedSecretsError` naming the place. */
export function parseSealedSecret(document: unknown, place: Place): SealedSecret {
  const reader = new Reader(document, place);
  checkKind(reader, { kind: 'SealedSecret', apiVersion: SEALED_SECRET_VERSION, kindRequired: true });
  return readSealedSecret(reader, parseFileMetadata(reader.object('metadata')));
}

/** Parses a SealedSecret from the API server. Throws `SealedSecretsError` for malformed metadata or status only. */
export function parseStoredSealedSecret(document: unknown, place: Place): StoredSealedSecret {
  const reader = new Reader(document, place);
  const metadata = parseServerMetadata(new Reader(reader.value('metadata'), reader.at('metadata')));
  return {
    metadata,
    status: parseStatus(reader.object('status')),
    sealed: readOrFailure(reader, metadata),
  };
}

function readOrFailure(reader: Reader, metadata: Metadata): SealedSecret | Failure {
  try {
    if (isTooDeep(reader.value('spec'))) {
      fail({ code: 'DeepNesting', at: showPlace(reader.at('spec')), max: MAX_DEPTH });
    }
    return readSealedSecret(reader, metadata);
  } catch (error) {
    return failureOf(error, 'reading a SealedSecret');
  }
}

function readSealedSecret(reader: Reader, metadata: Metadata): SealedSecret {
  const spec = reader.object('spec');
  const encryptedData = new Map<string, string | null>();
  for (const [item, value] of spec?.entries('encryptedData') ?? []) {
    encryptedData.set(item, typeof value === 'string' ? value : null);
  }
  return {
    metadata,
    encryptedData,
    hasEncryptedData: (spec?.value('encryptedData') ?? undefined) !== undefined,
    v1Data: v1DataOf(spec?.value('data')),
    template: readTemplate(spec?.object('template')),
  };
}

function v1DataOf(value: unknown): string | null | undefined {
  if (value === undefined) return undefined;
  return typeof value === 'string' ? value : null;
}

function readTemplate(template: Reader | undefined): Template {
  return {
    metadata: parseFileMetadata(template?.object('metadata')),
    type: template?.string('type') ?? '',
    immutable: template?.boolean('immutable'),
    data: template?.nullableStringMap('data') ?? new Map<string, string | null>(),
  };
}
