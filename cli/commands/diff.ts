import { asJson, formatDocuments, type Format } from '../../shared/manifest/write.ts';
import { configured } from '../config/configured.ts';
import type { CliContext } from '../context.ts';
import type { SealedChange } from '../diff/compare.ts';
import { diffText } from '../diff/diff-text.ts';
import { compareKnown, type ValueSources } from '../diff/known-changes.ts';
import { match } from '../diff/match.ts';
import { readSides, type Compared } from '../diff/sides.ts';
import {
  configOptions,
  fileOf,
  formatOption,
  knownValueOptions,
  selectionOptions,
  type ConfigOptions,
  type KnownValueOptions,
  type SelectionOptions,
} from '../flags/options.ts';
import type { ParsedFlags } from '../flags/parsed-flags.ts';
import { usageError } from '../flags/usage-error.ts';
import { writeStdout } from '../io/output.ts';
import { knownValuesFor } from '../known-values/known-values.ts';
import { defineCommand } from './command.ts';

interface DiffOptions extends SelectionOptions, KnownValueOptions, ConfigOptions {
  readonly command: 'diff';
  readonly compared: Compared;
  /** Undefined for text. */
  readonly format: Format | undefined;
}

/** `diff OLD NEW` and `diff FILE --git REV`: tells how SealedSecrets differ. */
export const diff = defineCommand<DiffOptions>({
  name: 'diff',
  options: diffOptions,
  run: async (options, context) => {
    const wanted = { path: options.compared.now, needs: 'controller' } as const;
    return printDifferences(
      options.fromCluster ? await configured(options, wanted, context) : options,
      context,
    );
  },
});

function diffOptions(flags: ParsedFlags): DiffOptions {
  const selection = selectionOptions(flags);
  const known = { ...configOptions(flags), ...knownValueOptions(flags) };
  const format = formatOption(flags);
  return { command: 'diff', ...selection, ...known, format, compared: comparedOf(flags) };
}

function comparedOf(flags: ParsedFlags): Compared {
  const revision = flags.text('git');
  const [first, second] = flags.words;
  if (first === undefined || (revision === undefined) === (second === undefined))
    return usageError('diff: specify two files, or one file and --git REV');
  if (revision !== undefined)
    return first === '-' ? usageError('diff: --git needs a file, not stdin') : { revision, now: first };
  if (first === '-' && second === '-') usageError('diff: only one of the files can be stdin');
  return { old: fileOf(first), now: fileOf(second) };
}

/** Prints what differs. Returns the exit code: 1 if something does, as `diff` does. */
async function printDifferences(options: DiffOptions, context: CliContext): Promise<number> {
  const sources = await valueSources(options, context);
  const changes: SealedChange[] = [];
  try {
    const [old, now] = await readSides(options.compared, options, context);
    for (const each of match(old.sealed, now.sealed)) {
      const change = await compareKnown(each, sources);
      if (change !== undefined) changes.push(change);
    }
    if (options.format === undefined) await writeStdout(changes.map(diffText).join('\n'));
    else await writeStdout(reportOf({ old: old.source, new: now.source, changes }, options.format));
  } finally {
    for (const source of sources?.known ?? []) source.close();
  }
  return changes.length === 0 ? 0 : 1;
}

function reportOf(
  { old, new: now, changes }: { readonly old: string; readonly new: string; readonly changes: object },
  format: Format,
): string {
  return formatDocuments([asJson({ old, new: now, sealedSecrets: changes })], format);
}

/**
 * Returns where to learn values: of both versions with private keys, and of the version in the cluster, which needs no
 * key. The cache of digests tells which ciphertexts this user has made of a known value. Undefined without these flags.
 */
async function valueSources(options: DiffOptions, context: CliContext): Promise<ValueSources | undefined> {
  const keys = await knownValuesFor({ ...options, fromCluster: false }, context);
  const live = await knownValuesFor({ ...options, recoveryPrivateKeys: [] }, context);
  const known = [keys, live].flatMap((source) => source ?? []);
  if (known.length === 0) return undefined;
  const { openDigestCache } = await import('../digests/digest-cache.ts');
  return { known, digests: await openDigestCache(context) };
}
