import { KEYS_REFUSAL } from '../flags/groups/offline.ts';
import { knownValueOptions, type KnownValueOptions } from '../flags/options.ts';
import type { ParsedFlags } from '../flags/parsed-flags.ts';
import { usageError } from '../flags/usage-error.ts';

/** How to find out which items have their value already. */
export interface UnchangedOptions extends KnownValueOptions {
  /** Whether to use the cache of digests. */
  readonly keepUnchanged: boolean;
}

/** Reads `UnchangedOptions` of a command that keeps what did not change, unless `--keep-unchanged=false` is set. */
export function unchangedByDefault(flags: ParsedFlags): UnchangedOptions {
  return { ...knownValueOptions(flags), keepUnchanged: flags.switchOf('keep-unchanged') ?? true };
}

/**
 * Reads `UnchangedOptions` of a command that seals everything again without `--keep-unchanged`. Throws `Usage` if the
 * command line names a source of values that would then not be used.
 */
export function unchangedIfAsked(flags: ParsedFlags): UnchangedOptions {
  const known = knownValueOptions(flags);
  const keepUnchanged = flags.on('keep-unchanged');
  if (keepUnchanged) return { ...known, keepUnchanged };
  if (flags.typed('recovery-private-key') || flags.typed('private-key')) usageError(KEYS_REFUSAL);
  if (flags.typed('from-cluster') && flags.on('from-cluster'))
    usageError('--from-cluster requires --keep-unchanged');
  return { ...known, recoveryPrivateKeys: [], fromCluster: false, keepUnchanged };
}
