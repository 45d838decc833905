import { parseGoDuration } from '../../shared/go-values.ts';
import { commandNamed, type CommandName } from '../flags/commands.ts';
import {
  configOptions,
  overridesOf,
  treeOptions,
  type ConfigOptions,
  type ControllerOptions,
  type TreeOptions,
} from '../flags/options.ts';
import type { ParsedFlags } from '../flags/parsed-flags.ts';
import { usageError } from '../flags/usage-error.ts';

/** Where the keys are: the API server, and the namespace of the controller. */
export interface KeysOptions
  extends ConfigOptions, Pick<ControllerOptions, 'controllerNamespace' | 'typesNamespace' | 'cluster'> {}

/** Reads `KeysOptions`. */
export function keysOptions(flags: ParsedFlags): KeysOptions {
  return {
    ...configOptions(flags),
    controllerNamespace: flags.text('controller-namespace') ?? '',
    typesNamespace: flags.typed('controller-namespace'),
    cluster: overridesOf(flags),
  };
}

/** Reads `TreeOptions` of the words behind the first ones. Undefined without further words. */
export function treeBehind(flags: ParsedFlags, first: number): TreeOptions | undefined {
  const tree = treeOptions(flags);
  if (tree === undefined || tree.paths.length <= first) return undefined;
  return { ...tree, paths: tree.paths.slice(first) };
}

/** How long to wait: in ms, and in words. */
export interface Wait {
  readonly ms: number;
  readonly words: string;
}

/** How long to wait for a new key by default. A large one takes seconds, and another new one may have to be a minute old. */
const DEFAULT_WAIT = '2m';

/** Reads `--timeout`. Throws `Usage` if it is not a duration. */
export function waitOption(flags: ParsedFlags, byDefault = DEFAULT_WAIT): Wait {
  const words = flags.text('timeout') ?? byDefault;
  const ms = parseGoDuration(words);
  return ms === undefined || ms < 0
    ? usageError('--timeout: not a duration; write a number with a unit, such as 30s or 5m')
    : { ms, words };
}

/** Reads the word that names a key. Throws `Usage` if there is none. */
export function keyWord({ words: [word] }: ParsedFlags, command: CommandName): string {
  const usage = commandNamed(command)?.usage ?? '';
  return word || usageError(`${command}: a key is required; its usage: kubeseal ${command} ${usage}`);
}
