import type { Place } from '../../shared/api/place.ts';
import type { SealedSecret } from '../../shared/api/sealed-secret.ts';
import { editDocuments } from '../../shared/manifest/edit.ts';
import { refuseV1Data } from '../../shared/seal/v1-data.ts';
import type { TreeFile } from '../files/tree.ts';
import { forEach } from '../for-each.ts';
import type { ReEncrypter } from '../re-encrypter.ts';
import { reEncryptionPatch } from './patch.ts';

/** The part of a re-encrypter that a file of a tree needs. */
export type OldItemsEncrypter = Pick<ReEncrypter, 'reEncryptOld' | 'fingerprint' | 'close'>;

/** What re-encrypts some files of a tree, and whether they get sealing records. */
export interface FileEncrypter {
  readonly encrypter: OldItemsEncrypter;
  /** Undefined to keep up a record that is there. */
  readonly record: boolean | undefined;
  /** Closes the connections, if any. */
  close(): void;
}

/** How to re-encrypt a file. */
export interface FileReEncryption {
  readonly encrypter: OldItemsEncrypter;
  readonly keyHint: boolean;
  /** Whether to write a sealing record; undefined to keep up one that is there. */
  readonly record: boolean | undefined;
}

/** What is new in a file. */
export interface ReEncryptedFile {
  /** The new text. */
  text(): string;
  /** The SealedSecrets that change, with their new items. */
  readonly changed: readonly { readonly sealed: SealedSecret; readonly place: Place }[];
  /** How many items change, and how many stay as they are. */
  readonly items: number;
  readonly kept: number;
}

/**
 * Re-encrypts the items of a file that are not known to be sealed with the newest key, and writes nothing. Throws
 * `SeveralFailures` if one of them cannot be re-encrypted.
 */
export async function reEncryptFile(
  { file, bytes, sealed: all }: TreeFile,
  { encrypter, keyHint, record }: FileReEncryption,
): Promise<ReEncryptedFile> {
  const changes = await forEach(all, async ({ sealed, document }) => {
    const { place } = document;
    refuseV1Data(sealed, place);
    const ciphertexts = await encrypter.reEncryptOld(sealed, document);
    const encryptedData = new Map([...sealed.encryptedData, ...ciphertexts]);
    const patch =
      ciphertexts.size === 0
        ? new Map()
        : await reEncryptionPatch(sealed, ciphertexts, { encrypter, keyHint, record, place });
    return { items: ciphertexts.size, sealed: { ...sealed, encryptedData }, place, patch };
  });
  const changed = changes.filter(({ items }) => items > 0);
  const items = changed.reduce((sum, each) => sum + each.items, 0);
  const total = all.reduce((sum, { sealed }) => sum + sealed.encryptedData.size, 0);
  return { text: () => editDocuments(bytes, file, changed), changed, items, kept: total - items };
}
