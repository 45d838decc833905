import { usageError } from '../flags/usage-error.ts';
import type { CliContext } from '../context.ts';
import {
  certificateOptions,
  formattedOutputOptions,
  inputOptions,
  keyOptions,
  nameOptions,
  treeOptions,
  type CertificateOptions,
  type FormattedOutputOptions,
  type InputOptions,
  type KeyOptions,
  type NameOptions,
  type TreeOptions,
} from '../flags/options.ts';
import type { ParsedFlags } from '../flags/parsed-flags.ts';
import type { ReEncrypter } from '../re-encrypter.ts';
import { checkTo, toOptions, type ToOptions } from '../clusters/options.ts';
import { warnOnce } from '../clusters/warn-once.ts';
import type { FileEncrypter, OldItemsEncrypter } from '../re-encryption/file.ts';
import { configuredFiles } from '../config/configured.ts';
import type { PerFile as PerFileOf } from '../tree/per-file.ts';
import { defineCommand } from './command.ts';

interface ReEncryptOptions
  extends InputOptions, FormattedOutputOptions, CertificateOptions, NameOptions, KeyOptions, ToOptions {
  readonly command: 're-encrypt';
  /** Undefined to re-encrypt one input. */
  readonly tree: TreeOptions | undefined;
  /** Whether to write: `dry-run` tells what would change, and `check` also fails if something would. */
  readonly mode: 'write' | 'dry-run' | 'check';
  readonly keyHint: boolean;
  /** Whether to write a sealing record; undefined to keep up one that is there. */
  readonly record: boolean | undefined;
  /** Whether to re-encrypt with a certificate that is older than the newest private key. */
  readonly allowOldCertificate: boolean;
}

/** `--re-encrypt`, or `re-encrypt` with files and folders: re-encrypts SealedSecrets with the newest key. */
export const reEncrypt = defineCommand<ReEncryptOptions>({
  name: 're-encrypt',
  options: reEncryptOptions,
  run: (options, context) =>
    options.tree === undefined
      ? reEncryptOne(options, context)
      : reEncryptFiles({ ...options, tree: options.tree }, context),
});

function reEncryptOptions(flags: ParsedFlags): ReEncryptOptions {
  const tree = treeOptions(flags);
  const keys = keyOptions(flags);
  const isCheck = flags.on('check');
  const dryRun = flags.on('dry-run');
  if (tree && flags.typed('cert') && keys.recoveryPrivateKeys.length === 0 && !isCheck)
    usageError(
      're-encrypt: --cert requires --recovery-private-key; the controller seals with its own newest key',
    );
  const options: ReEncryptOptions = {
    command: 're-encrypt',
    tree,
    mode: isCheck ? 'check' : dryRun ? 'dry-run' : 'write',
    ...inputOptions(flags),
    ...formattedOutputOptions(flags),
    ...certificateOptions(flags),
    ...nameOptions(flags),
    ...keys,
    ...toOptions(flags),
    keyHint: flags.switchOf('key-hint') ?? tree !== undefined,
    record: flags.switchOf('record'),
    allowOldCertificate: flags.on('allow-old-certificate'),
  };
  checkTo(options, flags, { others: ['secret-file', 'sealed-secret-file', 'format'] });
  return options;
}

async function reEncryptOne(options: ReEncryptOptions, outer: CliContext): Promise<void> {
  const { reEncryptInput } = await import('../re-encryption/input.ts');
  const { eachTarget } = await import('../clusters/each-target.ts');
  const { targetsOf } = await import('../clusters/targets.ts');
  const { writePlanned } = await import('../io/planned-file.ts');
  const context = warnOnce(outer);
  // Reports problems with keys and certificate before it reads stdin.
  const targets = await eachTarget(
    await targetsOf(
      options,
      {
        file: options.secretFile,
        path: options.sealedSecretFile ?? options.secretFile,
        needs: needOf(options),
      },
      context,
    ),
    async (target) => ({
      ...target,
      offline: await offlineEncrypter(target.options, context),
    }),
  );
  const planned = await eachTarget(targets, async ({ options, file, offline }) => {
    const encrypter = async (): Promise<ReEncrypter> => offline ?? controllerEncrypter(options, context);
    const dryRun = options.mode === 'dry-run';
    return reEncryptInput({ ...options, secretFile: file, dryRun, encrypter }, context);
  });
  await writePlanned(planned);
}

async function reEncryptFiles(
  options: ReEncryptOptions & { readonly tree: TreeOptions },
  context: CliContext,
): Promise<void> {
  const { reEncryptTree } = await import('../re-encryption/tree.ts');
  const { treeLimit } = await import('../tree/limit.ts');
  const { PerFile } = await import('../tree/per-file.ts');
  const { tree, mode, keyHint, recoveryPrivateKeys } = options;
  const { limit, copies } = treeLimit(tree, recoveryPrivateKeys.length > 0 ? 'offline' : 'controller');
  const encrypters = async (
    files: readonly string[],
    inner: CliContext,
  ): Promise<PerFileOf<FileEncrypter>> => {
    const optionsOf = await configuredFiles(options, { files, needs: needOf(options) }, inner);
    return PerFile.make(optionsOf, async (own): Promise<FileEncrypter> => {
      const offline = await offlineEncrypter({ ...own, copies }, inner);
      const encrypter =
        offline ?? (await (mode === 'check' ? checker(own, inner) : controllerEncrypter(own, inner)));
      return { encrypter, record: own.record, close: () => encrypter.close() };
    });
  };
  await reEncryptTree(tree, { limit, mode, keyHint, encrypters }, context);
}

/** Without private keys, the controller re-encrypts, and a check needs only its certificate. */
function needOf({ recoveryPrivateKeys, mode }: ReEncryptOptions): 'certificate' | 'controller' {
  return recoveryPrivateKeys.length > 0 || mode === 'check' ? 'certificate' : 'controller';
}

/** Returns undefined without private keys. */
async function offlineEncrypter(
  options: ReEncryptOptions & { readonly copies?: number },
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

/** Returns what finds old items with nothing but the newest certificate. */
async function checker(options: ReEncryptOptions, context: CliContext): Promise<OldItemsEncrypter> {
  const { certificateChecker } = await import('../re-encryption/checker.ts');
  const { obtainValidCertificate } = await import('../sealing/certificate.ts');
  return certificateChecker(await obtainValidCertificate(options, context));
}
