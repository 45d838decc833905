import { parseSealedSecret } from '../../shared/api/sealed-secret.ts';
import type { CliContext } from '../context.ts';
import { warnOfFields } from '../warnings/fields.ts';
import { readInput } from '../io/input.ts';
import { warnOfMissingIn } from '../warnings/missing-items.ts';
import { namesIn } from '../../shared/input/names.ts';
import { warnOfNames } from '../warnings/names.ts';
import {
  configOptions,
  controllerOptions,
  inputOptions,
  keyOptions,
  nameOptions,
  treeOptions,
  type ConfigOptions,
  type ControllerOptions,
  type InputOptions,
  type KeyOptions,
  type NameOptions,
  type TreeOptions,
} from '../flags/options.ts';
import type { ParsedFlags } from '../flags/parsed-flags.ts';
import { Progress } from '../io/progress.ts';
import { forEach } from '../for-each.ts';
import type { Verifier } from '../verifier.ts';
import { configured, configuredFiles } from '../config/configured.ts';
import type { PerFile as PerFileOf } from '../tree/per-file.ts';
import { defineCommand } from './command.ts';

interface ValidateOptions extends InputOptions, ControllerOptions, ConfigOptions, NameOptions, KeyOptions {
  readonly command: 'validate';
  /** Undefined to validate one input. */
  readonly tree: TreeOptions | undefined;
}

/** `--validate`, or `validate` with files and folders: checks whether SealedSecrets can be unsealed. */
export const validate = defineCommand<ValidateOptions>({
  name: 'validate',
  options: validateOptions,
  run: (options, context) =>
    options.tree === undefined
      ? validateOne(options, context)
      : validateFiles({ ...options, tree: options.tree }, context),
});

function validateOptions(flags: ParsedFlags): ValidateOptions {
  // Keys from the environment alone do not turn it into an offline command.
  const hasKeys = flags.typed('recovery-private-key') || flags.typed('private-key');
  return {
    command: 'validate',
    ...inputOptions(flags),
    ...controllerOptions(flags),
    ...configOptions(flags),
    ...nameOptions(flags),
    tree: treeOptions(flags),
    recoveryPrivateKeys: hasKeys ? keyOptions(flags).recoveryPrivateKeys : [],
  };
}

async function validateOne(options: ValidateOptions, context: CliContext): Promise<void> {
  const wanted = { path: options.secretFile, needs: 'controller' } as const;
  await validateInput(isOffline(options) ? options : await configured(options, wanted, context), context);
}

function isOffline({ recoveryPrivateKeys }: KeyOptions): boolean {
  return recoveryPrivateKeys.length > 0;
}

/** Checks that the controller, or the private keys, can unseal every SealedSecret of the input. Prints only problems. */
async function validateInput(options: ValidateOptions, context: CliContext): Promise<void> {
  // Reports problems with keys before it reads stdin.
  const offline = await offlineVerifierOf(options, context);
  const documents = await readInput(options.secretFile, 'SealedSecret', context);
  // Parses all documents before it sends the first one.
  const inputs = documents.map((document) => ({
    document,
    sealed: parseSealedSecret(document.value, document.place),
  }));
  warnOfFields(documents, 'SealedSecret', context);
  warnOfNames(
    inputs.map(({ document, sealed }) => namesIn(sealed, document.place)),
    context,
  );
  for (const { document, sealed } of inputs) await warnOfMissingIn(sealed, document.place, context);
  const verifier = offline ?? (await controllerVerifierOf(options, context));
  const progress = new Progress('validated', documents.length);
  try {
    await forEach(inputs, async ({ document, sealed }) => {
      await verifier.verify(sealed, document);
      progress.step();
    });
  } finally {
    progress.end();
    verifier.close();
  }
}

/** Checks every SealedSecret of files and folders. */
async function validateFiles(
  options: ValidateOptions & { readonly tree: TreeOptions },
  context: CliContext,
): Promise<void> {
  const { validateTree } = await import('../tree/validate.ts');
  const { PerFile } = await import('../tree/per-file.ts');
  const { treeLimit } = await import('../tree/limit.ts');
  const { tree } = options;
  const { limit, copies } = treeLimit(tree, isOffline(options) ? 'offline' : 'controller');
  const verifiers = async (files: readonly string[], inner: CliContext): Promise<PerFileOf<Verifier>> => {
    const optionsOf = isOffline(options)
      ? new Map(files.map((file) => [file, options]))
      : await configuredFiles(options, { files, needs: 'controller' }, inner);
    return PerFile.make(
      optionsOf,
      async (own) => (await offlineVerifierOf({ ...own, copies }, inner)) ?? controllerVerifierOf(own, inner),
    );
  };
  await validateTree(tree, { limit, verifiers }, context);
}

/** Returns undefined without private keys. */
async function offlineVerifierOf(
  options: ValidateOptions & { readonly copies?: number },
  context: CliContext,
): Promise<Verifier | undefined> {
  if (!isOffline(options)) return undefined;
  const { offlineVerifier } = await import('../offline/verifier.ts');
  return offlineVerifier(options, context);
}

async function controllerVerifierOf(options: ValidateOptions, context: CliContext): Promise<Verifier> {
  const { controllerVerifier } = await import('../controller-client/verifier.ts');
  return controllerVerifier(options, context);
}
