import { base64Text } from '../../shared/bytes.ts';
import { labelFor, type Scope } from '../../shared/seal/scope.ts';
import { certificateSource } from '../sealing/certificate.ts';
import type { CliContext } from '../context.ts';
import { readBytes } from '../io/input.ts';
import { warnOfNames } from '../warnings/names.ts';
import { resolveNamespace, warnOfAssumedNamespace } from '../sealing/namespace.ts';
import {
  fileOf,
  outputOptions,
  sealingOptions,
  type OutputOptions,
  type SealingOptions,
} from '../flags/options.ts';
import type { ParsedFlags } from '../flags/parsed-flags.ts';
import { usageError } from '../flags/usage-error.ts';
import { writeText } from '../io/output.ts';
import { configured } from '../config/configured.ts';
import { refuseWiderScope } from '../sealing/scope.ts';
import { defineCommand } from './command.ts';

const NEWLINE = 0x0a;

interface RawOptions extends SealingOptions, OutputOptions {
  readonly command: 'raw';
  /** The file with the value. Undefined for stdin. */
  readonly fromFile: string | undefined;
}

/** `--raw`: seals one value. */
export const raw = defineCommand<RawOptions>({
  name: 'raw',
  options: rawOptions,
  run: async (options, context) => {
    const path = options.sealedSecretFile ?? options.fromFile;
    await sealRaw(await configured(options, { path, needs: 'certificate' }, context), context);
  },
});

function rawOptions(flags: ParsedFlags): RawOptions {
  return {
    command: 'raw',
    ...sealingOptions(flags),
    ...outputOptions(flags),
    fromFile: fromFileOf(flags),
  };
}

/** Returns the path of `--from-file`. As in the reference, it may be `KEY=PATH`, and the key is ignored. */
function fromFileOf(flags: ParsedFlags): string | undefined {
  const [file, another] = flags.list('from-file');
  if (file === undefined) return undefined;
  if (another !== undefined) usageError('--from-file takes one file: --raw seals one value');
  const path = file.slice(file.indexOf('=') + 1);
  return path === '' ? usageError('--from-file requires a path: KEY=PATH or PATH') : fileOf(path);
}

/** Seals one value, byte for byte, and prints it as base64 without a line break. */
async function sealRaw(options: RawOptions, context: CliContext): Promise<void> {
  // A value has no annotations.
  const scope = options.scope ?? options.scopes?.scope ?? 'strict';
  if (scope === 'strict' && options.name === undefined)
    usageError('must provide the --name flag with --raw and --scope strict');
  refuseWiderScope(scope, options, { source: 'the value' });
  const namespace = scope === 'cluster-wide' ? '' : await namespaceFor(scope, options, context);
  const metadata = { name: options.name ?? '', namespace };
  const place = { source: 'the flags' };
  const label = labelFor(scope, metadata, place);
  warnOfNames([{ metadata, items: [], place }], context);
  const { getCertificate } = await certificateSource(options, context);
  const value = await readBytes(options.fromFile, 'value', context);
  if (options.fromFile === undefined) warnOfOddValue(value, context);
  if (options.keyHint) context.warn('(--key-hint is ignored: a bare value has no annotations)');
  const certificate = await getCertificate();
  const sealed = base64Text(await certificate.publicKey.sealValue(value, label));
  await writeText(sealed, options, false);
}

/** Warns of an empty value and of a final line break: common in a file, but rarely meant on a terminal or with `echo`. */
function warnOfOddValue(value: Buffer, context: CliContext): void {
  if (value.length === 0) context.warn('warning: stdin is empty; sealing an empty value');
  if (value.at(-1) !== NEWLINE) return;
  const remedy = process.stdin.isTTY ? 'press Ctrl-D twice' : "use printf '%s' or echo -n";
  context.warn(`(the trailing newline is part of the value; ${remedy} to leave it out)`);
}

async function namespaceFor(scope: Scope, options: RawOptions, context: CliContext): Promise<string> {
  const resolved = await resolveNamespace(options, context);
  if (resolved === undefined) {
    return usageError(`must provide the --namespace flag with --raw and --scope ${scope}`);
  }
  warnOfAssumedNamespace(resolved, '--raw', context);
  return resolved.namespace;
}
