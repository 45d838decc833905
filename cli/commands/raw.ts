import { sealValue } from '../../shared/crypto/envelope.ts';
import { fail } from '../errors.ts';
import { labelFor, type Scope } from '../../shared/seal/scope.ts';
import { certificateSource } from '../sealing/certificate.ts';
import type { CliContext } from '../context.ts';
import { readBytes } from '../io/input.ts';
import { warnOfNames } from '../warnings/names.ts';
import { resolveNamespace, warnOfAssumedNamespace } from '../sealing/namespace.ts';
import type { Options } from '../flags/options.ts';
import { writeText } from '../io/output.ts';

const NEWLINE = 0x0a;

/** Seals one value, byte for byte, and prints it as base64 without a line break. */
export async function rawCommand(options: Options, context: CliContext): Promise<void> {
  // Only the flag counts: a value has no annotations.
  const scope = options.scope ?? 'strict';
  if (scope === 'strict' && options.name === undefined) {
    fail({ code: 'Usage', problem: 'must provide the --name flag with --raw and --scope strict' });
  }
  const namespace = scope === 'cluster-wide' ? '' : await namespaceFor(scope, options, context);
  const metadata = { name: options.name ?? '', namespace };
  const place = { source: 'the flags' };
  const label = labelFor(scope, metadata, place);
  warnOfNames([{ metadata, items: [], place }], context);
  const getCertificate = await certificateSource(options, context);
  const value = await readBytes(options.fromFile, 'value', context);
  if (options.fromFile === undefined) warnOfOddValue(value, context);
  if (options.keyHint) context.warn('(--key-hint: a bare value has no place for it)');
  const certificate = await getCertificate();
  const sealed = sealValue(value, certificate.publicKey, label).toString('base64');
  await writeText(sealed, options, false);
}

/** Warns of an empty value and of a final line break: common in a file, but rarely meant on a terminal or with `echo`. */
function warnOfOddValue(value: Buffer, context: CliContext): void {
  if (value.length === 0) context.warn('warning: stdin is empty: the sealed value is empty');
  if (value.at(-1) !== NEWLINE) return;
  const remedy = process.stdin.isTTY ? 'press Ctrl-D twice' : "use printf '%s' or echo -n";
  context.warn(`(the line break at the end is part of the value: ${remedy} to leave it out)`);
}

async function namespaceFor(scope: Scope, options: Options, context: CliContext): Promise<string> {
  const resolved = await resolveNamespace(options, context);
  if (resolved === undefined) {
    return fail({
      code: 'Usage',
      problem: `must provide the --namespace flag with --raw and --scope ${scope}`,
    });
  }
  warnOfAssumedNamespace(resolved, '--raw', context);
  return resolved.namespace;
}
