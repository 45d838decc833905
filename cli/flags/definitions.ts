import type { CommandName } from './commands.ts';
import type { FlagDefinition } from './flag.ts';
import { INPUT_OUTPUT_FLAGS } from './groups/input-output.ts';
import { TREE_FLAGS } from './groups/tree.ts';
import { SEALING_FLAGS } from './groups/sealing.ts';
import { ITEM_FLAGS } from './groups/items.ts';
import { CONTROLLER_FLAGS } from './groups/controller.ts';
import { OFFLINE_FLAGS } from './groups/offline.ts';
import { KEY_BACKUP_FLAGS } from './groups/key-backups.ts';
import { KEYS_FLAGS } from './groups/keys.ts';
import { CONNECTION_FLAGS } from './groups/connection.ts';
import { OTHER_FLAGS } from './groups/other.ts';

/**
 * Every flag, in the order of `--help`. Names such as `port` and `service-host` are not allowed: for a Service named
 * "sealed-secrets", Kubernetes sets environment variables with these names in every pod of its namespace.
 */
const DEFINITIONS = [
  ...INPUT_OUTPUT_FLAGS,
  ...TREE_FLAGS,
  ...SEALING_FLAGS,
  ...ITEM_FLAGS,
  ...CONTROLLER_FLAGS,
  ...OFFLINE_FLAGS,
  ...KEY_BACKUP_FLAGS,
  ...KEYS_FLAGS,
  ...CONNECTION_FLAGS,
  ...OTHER_FLAGS,
] as const satisfies readonly FlagDefinition[];

type Definition = (typeof DEFINITIONS)[number];
type Kind<K extends FlagDefinition['kind']> = Extract<Definition, { readonly kind: K }>['name'];

/** The long name of a flag, without dashes. */
export type FlagName = Definition['name'];
/** A flag that is on or off. */
export type SwitchName = Kind<'switch'>;
/** A flag that takes one text or one file. */
export type TextName = Kind<'text' | 'file'>;
/** A flag that takes one file. */
export type FileName = Kind<'file'>;
/** A flag that takes a list. */
export type ListName = Kind<'list'>;
/** A flag that takes one text, all of which some command reads. */
export type RepeatedName = Extract<Definition, { readonly repeats: true }>['name'];
type FlagOfKind<K extends FlagDefinition['kind']> = Omit<
  Extract<FlagDefinition, { readonly kind: K }>,
  'name'
> & { readonly name: Kind<K> };
/** The definition of a flag. */
export type Flag = FlagOfKind<'switch'> | FlagOfKind<'text'> | FlagOfKind<'file'> | FlagOfKind<'list'>;

/** Every flag, in the order of `--help`. */
export const FLAGS: readonly Flag[] = DEFINITIONS;

const BY_NAME: ReadonlyMap<string, Flag> = new Map(FLAGS.map((flag) => [flag.name, flag] as const));

/** Returns the flag with a long name. */
export function flagNamed(name: string): Flag | undefined {
  return BY_NAME.get(name);
}

/** Returns the flag with a shorthand. */
export function flagWithShort(letter: string): Flag | undefined {
  return FLAGS.find(({ short }) => short === letter);
}

/** Returns the values that a flag of a command may have. Undefined if it may have any. */
export function choicesOf(flag: Flag, command: CommandName | undefined): readonly string[] | undefined {
  if (flag.kind !== 'text') return undefined;
  return (command === undefined ? undefined : flag.choicesOf?.[command]) ?? flag.choices;
}

/** Whether a flag of a command takes no value. */
export function isSwitch(flag: Flag, command: CommandName | undefined): boolean {
  if (flag.kind === 'switch') return true;
  return flag.kind === 'list' && command !== undefined && (flag.switchOf?.includes(command) ?? false);
}

/** The prefix of environment variables that set flags. */
export const VARIABLE_PREFIX = 'SEALED_SECRETS_';

/** Returns the environment variable of a flag. Undefined if it has none. */
export function variableOf({ name, commandLineOnly }: Flag): string | undefined {
  return commandLineOnly ? undefined : VARIABLE_PREFIX + name.replaceAll('-', '_').toUpperCase();
}
