import { SEALING_KEY, SEALING_RECORD } from '../../shared/api/annotations.ts';
import { Reader } from '../../shared/api/reader.ts';
import { parseSealedSecret, type SealedSecret } from '../../shared/api/sealed-secret.ts';
import type { Fingerprint } from '../../shared/crypto/fingerprint.ts';
import { SealedSecretsError } from '../../shared/errors.ts';
import { decodeText, parseText, readDocuments } from '../../shared/manifest/read.ts';
import { sealedSecretJson, type Format } from '../../shared/manifest/write.ts';
import { hintOf } from '../../shared/seal/hint.ts';
import { scopeOf } from '../../shared/seal/scope.ts';
import { readFileBytes } from '../io/input.ts';
import { isReplaceable } from '../io/output.ts';
import { withRecord } from '../../shared/input/sealing-annotations.ts';
import { changedRecord } from '../../shared/input/changed-record.ts';
import type { PlacedSealed } from '../../shared/input/sizes.ts';
import type { UnchangedItems } from './unchanged.ts';

/** A SealedSecret that was just made, with the values that it holds. */
export interface SealedValues {
  readonly sealed: SealedSecret;
  readonly values: ReadonlyMap<string, Uint8Array>;
}

/** What to write into a file whose unchanged values keep their ciphertexts. */
export interface Kept {
  readonly objects: readonly SealedSecret[];
  /** Whether the file holds these objects already, and nothing else. */
  readonly isThere: boolean;
  /** What the file holds now; undefined if it does not exist. */
  readonly before: Buffer | undefined;
}

/** The file that is written. */
export interface KeepTarget {
  readonly file: string;
  readonly format: Format;
  /** The value of `--record`; undefined to keep up the record of a SealedSecret in the file. */
  readonly record: boolean | undefined;
  /** The key that the new SealedSecrets are sealed with. */
  readonly fingerprint: Fingerprint;
}

/**
 * Returns new SealedSecrets with the ciphertexts of a file for the values that did not change. They are those of the
 * SealedSecret with the same name, namespace and scope. Throws what reading the file and `UnchangedItems.find` throw; a
 * file that does not exist holds nothing.
 */
export async function keepInFile(
  fresh: readonly SealedValues[],
  target: KeepTarget,
  unchangedItems: UnchangedItems,
): Promise<Kept> {
  const { file, format } = target;
  const before = await contentOf(file);
  const objects: SealedSecret[] = [];
  for (const { sealed, values } of fresh) {
    const old = before.sealed.find((each) => isSamePlace(each.sealed, sealed));
    objects.push(
      old === undefined
        ? sealed
        : await kept(sealed, await unchangedItems.find(old, values), { old, target }),
    );
  }
  const isThere =
    before.format === format &&
    before.documents === objects.length &&
    objects.every((object, index) => isEqual(object, before.sealed[index]?.sealed));
  return { objects, isThere, before: before.bytes };
}

interface Content {
  readonly bytes: Buffer | undefined;
  readonly format: Format | undefined;
  /** How many documents there are, of any kind. */
  readonly documents: number;
  readonly sealed: readonly PlacedSealed[];
}

async function contentOf(file: string): Promise<Content> {
  const bytes = (await isReplaceable(file)) ? await readIfThere(file) : undefined;
  if (bytes === undefined) return { bytes, format: undefined, documents: 0, sealed: [] };
  const documents = readDocuments(bytes, file);
  const sealed = documents
    .filter(({ value, place }) => new Reader(value, place).value('kind') === 'SealedSecret')
    .map(({ value, place }) => ({ sealed: parseSealedSecret(value, place), place }));
  return {
    bytes,
    format: parseText(decodeText(bytes, file), file).format,
    documents: documents.length,
    sealed,
  };
}

async function readIfThere(file: string): Promise<Buffer | undefined> {
  try {
    return await readFileBytes(file);
  } catch (error) {
    if (error instanceof SealedSecretsError && error.failure.code === 'NoSuchFile') return undefined;
    throw error;
  }
}

/** Whether a ciphertext of one object has a meaning in the other one. */
function isSamePlace(one: SealedSecret, other: SealedSecret): boolean {
  return (
    one.metadata.name === other.metadata.name &&
    one.metadata.namespace === other.metadata.namespace &&
    scopeOf(one.metadata.annotations) === scopeOf(other.metadata.annotations)
  );
}

/** What the items that do not change come from, and what the others are sealed with. */
interface Before {
  readonly old: PlacedSealed;
  readonly target: KeepTarget;
}

/**
 * Returns the new object with the old ciphertexts of some items, and with a hint at the keys and a sealing record of both:
 * of what stays as far as the old object has them.
 */
async function kept(
  fresh: SealedSecret,
  items: ReadonlySet<string>,
  { old: { sealed: old, place }, target: { fingerprint, record } }: Before,
): Promise<SealedSecret> {
  const object = keep(old, fresh, items);
  const { encryptedData } = object;
  const just = { items: { has: (item: string) => !items.has(item) }, fingerprint };
  const changed = await changedRecord(old, { encryptedData, just, record, place });
  const text = changed ?? old.metadata.annotations.get(SEALING_RECORD);
  return text === undefined ? object : withRecord(object, text);
}

/** Returns the new object with the old ciphertexts of some items, and with a hint at the keys of both. */
function keep(old: SealedSecret, fresh: SealedSecret, items: ReadonlySet<string>): SealedSecret {
  if (items.size === 0) return fresh;
  const encryptedData = new Map(
    [...fresh.encryptedData].map(([item, ciphertext]) => [
      item,
      items.has(item) ? (old.encryptedData.get(item) ?? null) : ciphertext,
    ]),
  );
  const isAllOld = items.size === encryptedData.size;
  const annotations = new Map(fresh.metadata.annotations);
  const keys = [...hintOf(old.metadata.annotations), ...(isAllOld ? [] : hintOf(annotations))];
  if (keys.length > 0) annotations.set(SEALING_KEY, [...new Set(keys)].join(','));
  else annotations.delete(SEALING_KEY);
  return { ...fresh, encryptedData, metadata: { ...fresh.metadata, annotations } };
}

function isEqual(one: SealedSecret, other: SealedSecret | undefined): boolean {
  return (
    other !== undefined && JSON.stringify(sealedSecretJson(one)) === JSON.stringify(sealedSecretJson(other))
  );
}
