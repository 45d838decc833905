import type { CommandName } from './commands.ts';

/** The headings of flags in `--help`, in order. */
export const GROUPS = [
  'Input and output:',
  'Files in folders:',
  'Sealing:',
  'Single values and items:',
  'With the controller:',
  'Without a cluster:',
  'Backups of sealing keys:',
  'Sealing keys:',
  'Connecting to the cluster, as kubectl does:',
  'Other:',
] as const;

/** What every flag has. */
interface FlagBase {
  /** The long name, without dashes. */
  readonly name: string;
  /** The letter of the shorthand. */
  readonly short?: string;
  readonly group: (typeof GROUPS)[number];
  readonly help: string;
  /** The help of commands for which `help` is not right. */
  readonly helpOf?: Partial<Readonly<Record<CommandName, string>>>;
  /**
   * The commands that use the flag; every command if there are none. As in the reference, the other ones ignore it, unless
   * the first argument names the command or there is a `refusal`.
   */
  readonly commands: readonly CommandName[];
  /** The command that the flag selects. */
  readonly selects?: CommandName;
  /** The error if the flag is on the command line of a command that does not use it. */
  readonly refusal?: string;
  /** Whether `--help` omits the flag. */
  readonly hidden?: true;
  /** Whether no environment variable sets the flag, and completion omits it. */
  readonly commandLineOnly?: true;
}

/** A flag that is on or off. */
interface SwitchFlag extends FlagBase {
  readonly kind: 'switch';
}

/** A flag that takes a value. */
interface ValueFlag extends FlagBase {
  /** The placeholder of the value in `--help`. */
  readonly placeholder: string;
  /** The placeholder of commands for which `placeholder` is not right. */
  readonly placeholderOf?: Partial<Readonly<Record<CommandName, string>>>;
  /** What shell completion offers for the value, besides `choices`. */
  readonly completes?: 'cluster' | 'file' | 'context' | 'namespace';
}

/** A flag that takes one text. If the flag is repeated, the last one counts, unless a command reads all of them. */
interface TextFlag extends ValueFlag {
  readonly kind: 'text';
  /** Whether some command reads all texts of a repeated flag. */
  readonly repeats?: true;
  /** The allowed values; `anyCase` ignores their letter case. */
  readonly choices?: readonly string[];
  /** The allowed values of commands for which `choices` is not right. */
  readonly choicesOf?: Partial<Readonly<Record<CommandName, readonly string[]>>>;
  readonly anyCase?: true;
  /** Whether the value is a whole number from 1 on. */
  readonly isNumber?: true;
  readonly default?: string;
}

/** A flag that takes one file. Several different files are an error; the reference uses the last one. */
interface FileFlag extends ValueFlag {
  readonly kind: 'file';
}

/** A repeatable flag. Each value is split at commas or taken whole. */
interface ListFlag extends ValueFlag {
  readonly kind: 'list';
  readonly split: 'commas' | 'whole';
  /** The commands for which the flag takes no value, as a switch. The list is then not empty if the flag is on. */
  readonly switchOf?: readonly CommandName[];
}

/** The definition of a flag. */
export type FlagDefinition = SwitchFlag | TextFlag | FileFlag | ListFlag;
