import { SEALING_KEY } from '../../shared/api/annotations.ts';
import { parseSealedSecret, type SealedSecret } from '../../shared/api/sealed-secret.ts';
import type { Edit } from '../../shared/manifest/edit.ts';
import { readDocuments, requireDocuments, type Document } from '../../shared/manifest/read.ts';
import type { Patch } from '../../shared/manifest/splice.ts';
import { refuseV1Data } from '../../shared/seal/re-encrypt.ts';
import type { CliContext } from '../context.ts';
import { isInPlace, sealedIn, writeEdited } from '../io/edit.ts';
import { warnOfFields } from '../warnings/fields.ts';
import { readBytes, sourceOf } from '../io/input.ts';
import { documentsOfKind } from '../kind.ts';
import { namesIn, warnOfNames } from '../warnings/names.ts';
import type { Options } from '../flags/options.ts';
import { Progress } from '../io/progress.ts';
import { forEach } from '../several.ts';
import { warnOfSizes } from '../warnings/sizes.ts';

/** Gives every item a new ciphertext, under the controller's newest key or a certificate. */
export interface ReEncrypter {
  reEncrypt(sealed: SealedSecret, document: Document): Promise<ReadonlyMap<string, string>>;
  /** The fingerprint of the new key. */
  fingerprint(): Promise<string>;
  close(): void;
}

/**
 * Encrypts every SealedSecret of the input anew: with the controller, or offline with the private keys. Only
 * ciphertexts change, and nothing is written when one of them cannot be had.
 */
export async function reEncryptMode(options: Options, context: CliContext): Promise<void> {
  const file = options.secretFile;
  const source = sourceOf(file);
  // A problem with keys and certificate is reported before stdin is read.
  const offline = await offlineEncrypter(options, context);
  const bytes = await readBytes(file, 'SealedSecret', context);
  const inPlace = await isInPlace(file, options);
  const documents = requireDocuments(readDocuments(bytes, source), source, 'SealedSecret');
  const chosen = inPlace ? documentsOfKind(documents, source, 'SealedSecret') : documents;
  const left = documents.length - chosen.length;
  if (left > 0) context.warn(`(documents left as they are, being no SealedSecrets: ${left})`);
  const wanted = chosen.map((document) => {
    const sealed = parseSealedSecret(document.value, document.place);
    refuseV1Data(sealed, document.place);
    return { document, sealed };
  });
  warnOfFields(chosen, 'SealedSecret', context);
  warnOfNames(
    wanted.map(({ document, sealed }) => namesIn(sealed, document.place)),
    context,
  );

  const progress = new Progress('encrypted anew:', wanted.length);
  const encrypter = offline ?? (await controllerEncrypter(options, context));
  try {
    const edits = await forEach(wanted, async ({ document, sealed }) => {
      const edit = await editOf(sealed, document, encrypter, options);
      progress.step();
      return edit;
    });
    const edited = await writeEdited(bytes, file, source, edits, options);
    warnOfSizes(sealedIn(edited, source), { data: true }, context);
  } finally {
    progress.end();
    encrypter.close();
  }
}

/** With private keys there is no need of a controller. Undefined where there are none. */
async function offlineEncrypter(options: Options, context: CliContext): Promise<ReEncrypter | undefined> {
  if (options.recoveryPrivateKeys.length === 0) return undefined;
  const { offlineReEncrypter } = await import('../offline.ts');
  return offlineReEncrypter(options, context);
}

async function controllerEncrypter(options: Options, context: CliContext): Promise<ReEncrypter> {
  const { rotatingController } = await import('../rotate.ts');
  return rotatingController(options, context);
}

async function editOf(
  sealed: SealedSecret,
  document: Document,
  encrypter: ReEncrypter,
  options: Options,
): Promise<Edit> {
  const encryptedData: ReadonlyMap<string, Patch> = await encrypter.reEncrypt(sealed, document);
  const patch = new Map<string, Patch>();
  // A Secret without items was sealed: there is nothing to change.
  if (encryptedData.size > 0) patch.set('spec', new Map([['encryptedData', encryptedData]]));
  // A hint that names the old key would mislead.
  if (options.keyHint || sealed.metadata.annotations.has(SEALING_KEY)) {
    const annotations = new Map([[SEALING_KEY, await encrypter.fingerprint()]]);
    patch.set('metadata', new Map([['annotations', annotations]]));
  }
  return { place: document.place, patch };
}
