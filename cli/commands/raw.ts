import { sealValue } from '../../shared/crypto/envelope.ts';
import { fail } from '../../shared/errors.ts';
import { labelFor, type Scope } from '../../shared/seal/scope.ts';
import { certificateSource } from '../certificate.ts';
import type { CliContext } from '../context.ts';
import { readBytes } from '../io/input.ts';
import { warnOfNames } from '../warnings/names.ts';
import { assumedNamespace, noteAssumed } from '../namespace.ts';
import type { Options } from '../flags/options.ts';
import { writeText } from '../io/output.ts';

const NEWLINE = 0x0a;

/** Seals one value, byte for byte, and prints it as base64 without a line break. */
export async function rawMode(options: Options, context: CliContext): Promise<void> {
  // The flag alone: a value has no annotations.
  const scope = options.scope ?? 'strict';
  if (scope === 'strict' && options.name === undefined) {
    fail({ code: 'Usage', problem: 'must provide the --name flag with --raw and --scope strict' });
  }
  const namespace = scope === 'cluster-wide' ? '' : await namespaceFor(scope, options, context);
  const metadata = { name: options.name ?? '', namespace };
  const place = { source: 'the flags' };
  const label = labelFor(scope, metadata, place);
  warnOfNames([{ metadata, items: [], place }], context);
  const certificateToUse = await certificateSource(options, context);
  const value = await readBytes(options.fromFile, 'value', context);
  if (options.fromFile === undefined) noteOddValue(value, context);
  if (options.keyHint) context.warn('(--key-hint: a bare value has no place for it)');
  const certificate = await certificateToUse();
  const sealed = sealValue(value, certificate.publicKey, label).toString('base64');
  await writeText(sealed, options, false);
}

/** A file often ends with a line break; at the end of what a terminal or `echo` gives, it is rarely meant. */
function noteOddValue(value: Buffer, context: CliContext): void {
  if (value.length === 0) context.warn('warning: stdin is empty: the sealed value is empty');
  if (value.at(-1) !== NEWLINE) return;
  const remedy = process.stdin.isTTY ? 'press Ctrl-D twice' : "use printf '%s' or echo -n";
  context.warn(`(the line break at the end is part of the value: ${remedy} to leave it out)`);
}

async function namespaceFor(scope: Scope, options: Options, context: CliContext): Promise<string> {
  const assumed = await assumedNamespace(options, context);
  if (assumed === undefined) {
    return fail({
      code: 'Usage',
      problem: `must provide the --namespace flag with --raw and --scope ${scope}`,
    });
  }
  noteAssumed(assumed, '--raw', context);
  return assumed.namespace;
}
