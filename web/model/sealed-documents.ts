import { parseSealedSecret } from '../../shared/api/sealed-secret.ts';
import { isObject, Reader } from '../../shared/api/reader.ts';
import type { SealedDocument } from '../../shared/input/sealed-document.ts';
import { readDocuments, type Document } from '../../shared/manifest/read.ts';

/** Returns the kind of a document; undefined if it is no object or has no kind. Throws `WrongType` for one that is no text. */
export function kindOf({ value, place }: Document): string | undefined {
  return isObject(value) ? new Reader(value, place).string('kind') : undefined;
}

/** Returns the SealedSecrets of a file. Throws what `readDocuments` and `parseSealedSecret` throw. */
export function sealedDocuments(bytes: Uint8Array, source: string): readonly SealedDocument[] {
  return readDocuments(bytes, source)
    .filter((document) => kindOf(document) === 'SealedSecret')
    .map((document) => ({ document, sealed: parseSealedSecret(document.value, document.place) }));
}
