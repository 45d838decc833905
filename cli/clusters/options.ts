import { joined } from '../../shared/text.ts';
import type { FlagName } from '../flags/definitions.ts';
import type { ParsedFlags } from '../flags/parsed-flags.ts';
import { usageError } from '../flags/usage-error.ts';
import { NAME_IN_PATTERN } from './pattern.ts';

/** For which clusters to seal, and where the files of several go. */
export interface ToOptions {
  /** The names of clusters in `.kubeseal.yaml`; none without `--to`. */
  readonly to: readonly string[];
  /** The file of each cluster, with `{cluster}` in place of its name. */
  readonly split: string | undefined;
}

/** Reads `ToOptions`. */
export function toOptions(flags: ParsedFlags): ToOptions {
  const to = flags.list('to').map((name) => name.trim());
  const split = flags.text('split');
  // Without `--to`, a pattern of the environment means nothing.
  return { to, split: to.length === 0 ? undefined : split };
}

/** Flags that name a cluster or certificate, as `--to` does. */
const CONTRADICT = [
  ...(['cert', 'cert-fingerprint', 'context', 'cluster', 'server'] as const),
  ...(['controller-name', 'controller-namespace'] as const),
] as const satisfies readonly FlagName[];

/**
 * Throws `Usage` if `--to` and `--split` do not fit together, or not with other flags.
 *
 * @param others the flags of the command that `--split` contradicts
 * @param hasServer whether `--server` is about something else than the API server
 */
export function checkTo(
  { to, split }: ToOptions,
  flags: ParsedFlags,
  { others = [], hasServer = false }: { others?: readonly FlagName[]; hasServer?: boolean } = {},
): void {
  if (to.length === 0) {
    if (flags.typed('split'))
      usageError('--split needs --to: the clusters to seal for, as in --to prod,staging');
    return;
  }
  const twice = to.find((name, index) => to.indexOf(name) < index);
  if (twice !== undefined) usageError(`--to names the cluster ${JSON.stringify(twice)} twice`);
  const wrong = CONTRADICT.find((name) => flags.typed(name) && !(hasServer && name === 'server'));
  if (wrong !== undefined)
    usageError(`--to and --${wrong} cannot be used together: .kubeseal.yaml says how to reach the cluster`);
  if (split === undefined) {
    if (to.length > 1)
      usageError(
        `--to names ${joined(to)}: say with --split 'overlays/${NAME_IN_PATTERN}/FILE' which file each of them gets`,
      );
    return;
  }
  if (split.endsWith('/')) usageError('--split is a folder: write the name of a file behind it');
  const other = others.find((name) => flags.typed(name));
  if (other !== undefined) usageError(`--split and --${other} cannot be used together`);
  if (to.length > 1 && !split.includes(NAME_IN_PATTERN))
    usageError(
      `--split: write ${NAME_IN_PATTERN} where the name of the cluster belongs, so that each has its own file`,
    );
}
