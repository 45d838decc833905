import { overridesOf, treeOptions, type ControllerOptions, type TreeOptions } from '../flags/options.ts';
import type { ParsedFlags } from '../flags/parsed-flags.ts';

/** Where the keys are: the API server, and the namespace of the controller. */
export type KeysOptions = Pick<ControllerOptions, 'controllerNamespace' | 'cluster'>;

/** Reads `KeysOptions`. */
export function keysOptions(flags: ParsedFlags): KeysOptions {
  return {
    controllerNamespace: flags.text('controller-namespace') ?? '',
    cluster: overridesOf(flags),
  };
}

/** Reads `TreeOptions` of the words behind the first ones. Undefined without further words. */
export function treeBehind(flags: ParsedFlags, first: number): TreeOptions | undefined {
  const tree = treeOptions(flags);
  if (tree === undefined || tree.paths.length <= first) return undefined;
  return { ...tree, paths: tree.paths.slice(first) };
}
