import type { Place } from '../../shared/api/place.ts';
import { isObject, Reader } from '../../shared/api/reader.ts';
import { parseSealedSecret, type SealedSecret } from '../../shared/api/sealed-secret.ts';
import { SealedSecretsError } from '../../shared/errors.ts';
import { factsOf } from '../../shared/inspect/facts.ts';
import { placeOf } from '../../shared/inspect/place.ts';
import { editDocuments, type Edit } from '../../shared/manifest/edit.ts';
import { readDocuments, type Document } from '../../shared/manifest/read.ts';
import type { Patch } from '../../shared/manifest/splice.ts';
import { asJson, formatDocuments } from '../../shared/manifest/write.ts';
import { digestOf, inBytes } from './item.ts';
import { placeWords, titleOf } from './place.ts';

/**
 * Returns the text of a file with a line for each SealedSecret at the top, and with words in place of each sealed value:
 * its length, its key's size and a digest. Everything else stays as it is, so that a diff of such texts hides nothing.
 * Returns undefined for a file that has no SealedSecret, or that cannot be read or edited. The text depends on the bytes
 * alone.
 */
export function readableText(bytes: Buffer): string | undefined {
  try {
    const sealed = sealedIn(bytes);
    if (sealed.length === 0) return undefined;
    const edited = editDocuments(bytes, '', sealed.flatMap(editOf)).replace(/^\ufeff/, '');
    return sealed.map((each) => `${headerOf(each)}\n`).join('') + inLines(edited);
  } catch (error) {
    if (error instanceof SealedSecretsError) return undefined;
    throw error;
  }
}

interface Sealed {
  readonly sealed: SealedSecret;
  readonly place: Place;
}

function sealedIn(bytes: Buffer): readonly Sealed[] {
  return readDocuments(bytes, '')
    .filter(isSealed)
    .map(({ value, place }) => ({ sealed: parseSealedSecret(value, place), place }));
}

/** Whether a document says that it is a SealedSecret. Others may be anything, such as Helm values. */
function isSealed({ value, place }: Document): boolean {
  return isObject(value) && new Reader(value, place).value('kind') === 'SealedSecret';
}

function headerOf({ sealed }: Sealed): string {
  return `# SealedSecret ${titleOf(sealed.metadata)} unseals ${placeWords(placeOf(sealed))}`;
}

/** Returns the edit that replaces the sealed values; none if there are none. */
function editOf({ sealed: { encryptedData, v1Data }, place }: Sealed): readonly Edit[] {
  const items = new Map<string, Patch>();
  for (const [item, value] of encryptedData) {
    const words = wordsFor(value);
    if (words !== undefined) items.set(item, words);
  }
  const spec = new Map<string, Patch>();
  if (items.size > 0) spec.set('encryptedData', items);
  const data = wordsFor(v1Data ?? null);
  if (data !== undefined) spec.set('data', data);
  return spec.size === 0 ? [] : [{ place, patch: new Map([['spec', spec]]) }];
}

/** Returns undefined for a malformed value, which the text shows as it is. */
function wordsFor(value: string | null): string | undefined {
  const facts = factsOf(value);
  if ('problem' in facts) return undefined;
  return `${inBytes(facts.length)}, sealed for a key of ${facts.keyBits} bits, sha256 ${digestOf(facts.envelope)}`;
}

/** Spreads JSON that is all on one line over lines, since a diff compares lines. */
function inLines(text: string): string {
  if (!/^\s*[{[]/.test(text) || text.trim().includes('\n')) return text;
  return formatDocuments(
    readDocuments(Buffer.from(text), '').map(({ value }) => asJson(value)),
    'json',
  );
}
