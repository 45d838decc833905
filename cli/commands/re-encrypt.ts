import { SEALING_KEY } from '../../shared/api/annotations.ts';
import { parseSealedSecret, type SealedSecret } from '../../shared/api/sealed-secret.ts';
import { readDocuments, requireDocuments } from '../../shared/manifest/read.ts';
import type { Patch } from '../../shared/manifest/splice.ts';
import { refuseV1Data } from '../../shared/seal/re-encrypt.ts';
import type { CliContext } from '../context.ts';
import { isInPlace, sealedIn, writeEdited } from '../io/edit.ts';
import { warnOfFields } from '../warnings/fields.ts';
import { readBytes, sourceOf } from '../io/input.ts';
import { documentsOfKind } from '../io/kind.ts';
import { namesIn, warnOfNames } from '../warnings/names.ts';
import {
  certificateOptions,
  formattedOutputOptions,
  inputOptions,
  keyOptions,
  nameOptions,
  type CertificateOptions,
  type FormattedOutputOptions,
  type InputOptions,
  type KeyOptions,
  type NameOptions,
} from '../flags/options.ts';
import { Progress } from '../io/progress.ts';
import { forEach } from '../for-each.ts';
import type { ReEncrypter } from '../re-encrypter.ts';
import { warnOfSizes } from '../warnings/sizes.ts';
import { defineCommand } from './command.ts';

interface ReEncryptOptions
  extends InputOptions, FormattedOutputOptions, CertificateOptions, NameOptions, KeyOptions {
  readonly command: 're-encrypt';
  readonly keyHint: boolean;
  /** Whether to re-encrypt with a certificate that is older than the newest private key. */
  readonly allowOldCertificate: boolean;
}

/** `--re-encrypt`: re-encrypts SealedSecrets with the newest key. */
export const reEncrypt = defineCommand<ReEncryptOptions>({
  name: 're-encrypt',
  options: (flags) => ({
    command: 're-encrypt',
    ...inputOptions(flags),
    ...formattedOutputOptions(flags),
    ...certificateOptions(flags),
    ...nameOptions(flags),
    ...keyOptions(flags),
    keyHint: flags.on('key-hint'),
    allowOldCertificate: flags.on('allow-old-certificate'),
  }),
  run: reEncryptInput,
});

/**
 * Re-encrypts every SealedSecret of the input, with the controller or offline with private keys. Changes only
 * ciphertexts, and writes nothing if one of them cannot be re-encrypted.
 */
async function reEncryptInput(options: ReEncryptOptions, context: CliContext): Promise<void> {
  const file = options.secretFile;
  const source = sourceOf(file);
  // Reports problems with keys and certificate before it reads stdin.
  const offline = await offlineEncrypter(options, context);
  const bytes = await readBytes(file, 'SealedSecret', context);
  const inPlace = await isInPlace(file, options);
  const documents = requireDocuments(readDocuments(bytes, source), source, 'SealedSecret');
  const selected = inPlace ? documentsOfKind(documents, source, 'SealedSecret') : documents;
  const others = documents.length - selected.length;
  if (others > 0) context.warn(leftUnchanged(others));
  const inputs = selected.map((document) => {
    const sealed = parseSealedSecret(document.value, document.place);
    refuseV1Data(sealed, document.place);
    return { document, sealed };
  });
  warnOfFields(selected, 'SealedSecret', context);
  warnOfNames(
    inputs.map(({ document, sealed }) => namesIn(sealed, document.place)),
    context,
  );

  const progress = new Progress('re-encrypted', inputs.length);
  const encrypter = offline ?? (await controllerEncrypter(options, context));
  try {
    const edits = await forEach(inputs, async ({ document, sealed }) => {
      const ciphertexts = await encrypter.reEncrypt(sealed, document);
      const hint = needsKeyHint(sealed, options) ? await encrypter.fingerprint() : undefined;
      progress.step();
      return { place: document.place, patch: patchOf(ciphertexts, hint) };
    });
    const edited = await writeEdited({ file, source, bytes }, edits, options);
    warnOfSizes(sealedIn(edited, source), { data: true }, context);
  } finally {
    progress.end();
    encrypter.close();
  }
}

/** Returns undefined without private keys. */
async function offlineEncrypter(
  options: ReEncryptOptions,
  context: CliContext,
): Promise<ReEncrypter | undefined> {
  if (options.recoveryPrivateKeys.length === 0) return undefined;
  const { offlineReEncrypter } = await import('../offline/re-encrypter.ts');
  return offlineReEncrypter(options, context);
}

async function controllerEncrypter(options: ReEncryptOptions, context: CliContext): Promise<ReEncrypter> {
  const { controllerReEncrypter } = await import('../controller-client/re-encrypter.ts');
  return controllerReEncrypter(options, context);
}

/** Whether the object gets a hint at its new key: a hint at the old one would mislead. */
function needsKeyHint({ metadata }: SealedSecret, { keyHint }: ReEncryptOptions): boolean {
  return keyHint || metadata.annotations.has(SEALING_KEY);
}

function patchOf(
  ciphertexts: ReadonlyMap<string, Patch>,
  fingerprint: string | undefined,
): ReadonlyMap<string, Patch> {
  const patch = new Map<string, Patch>();
  // A SealedSecret without items has no encryptedData to change.
  if (ciphertexts.size > 0) patch.set('spec', new Map([['encryptedData', ciphertexts]]));
  if (fingerprint !== undefined)
    patch.set('metadata', new Map([['annotations', new Map([[SEALING_KEY, fingerprint]])]]));
  return patch;
}

function leftUnchanged(count: number): string {
  const subject =
    count === 1 ? '1 document is not a SealedSecret' : `${count} documents are not SealedSecrets`;
  return `(${subject}; left unchanged)`;
}
