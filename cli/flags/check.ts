import { joined } from '../../shared/text.ts';
import { COMMAND_NAMES, commandNamed, maxWords, type CommandName } from './commands.ts';
import { flagNamed, FLAGS, variableOf, type Flag, type FlagName } from './definitions.ts';
import { wordsOf } from './options.ts';
import type { ParsedFlags } from './parsed-flags.ts';
import { usageError } from './usage-error.ts';
import { ONE_BY_ONE } from './words.ts';

/**
 * Checks what every command requires of its flags. Throws `Usage` for an environment variable that does not parse,
 * several files for one flag, and a flag that this command must not have.
 */
export function checkFlags(flags: ParsedFlags, command: CommandName): void {
  const [problem] = flags.problems;
  if (problem !== undefined) usageError(problem);
  for (const flag of FLAGS) {
    if (flag.kind === 'file') refuseSeveral(flag.name, flags.list(flag.name));
    const { name, commands, refusal } = flag;
    if (!flags.typed(name) || commands.length === 0 || commands.includes(command)) continue;
    if (flags.command !== undefined)
      usageError(`${command} does not take --${name}; its flags: kubeseal ${command} --help`);
    if (refusal !== undefined) usageError(refusal);
  }
}

/** Refuses more words than a command takes whose name is the first argument. Throws `Usage`. */
export function refuseMoreWords({ command, words }: ParsedFlags): void {
  const named = command === undefined ? undefined : commandNamed(command);
  const extra = named && words[maxWords(named)];
  if (named === undefined || extra === undefined) return;
  const advice = named.usage === '' ? '' : `; its usage: kubeseal ${named.name} ${named.usage}`;
  usageError(`${named.name}: unexpected argument ${JSON.stringify(extra)}${advice}`);
}

/** Flags that need files or folders besides the flags. */
const NEED_WORDS = ['include', 'exclude', 'concurrency', 'check'] as const satisfies readonly FlagName[];
/** Commands that work on everything without words. */
const WORK_WITHOUT_WORDS: readonly CommandName[] = ['certs update', 'lint'];
/** Flags that files or folders of a command contradict. */
const REPLACED_BY_WORDS: Partial<Readonly<Record<CommandName, readonly FlagName[]>>> = {
  seal: ['secret-file'],
  validate: ['secret-file'],
  're-encrypt': ['secret-file', 'sealed-secret-file', 'format', 'to', 'split'],
};

/** Refuses flags that need files or folders if there are none, and flags that those contradict. Throws `Usage`. */
export function checkWords(flags: ParsedFlags, command: CommandName): void {
  const [first] = wordsOf(flags);
  if (first === undefined && WORK_WITHOUT_WORDS.includes(command)) return;
  const wrong = first === undefined ? NEED_WORDS : (REPLACED_BY_WORDS[command] ?? []);
  const name = wrong.find((flag) => flags.typed(flag) && flagNamed(flag)?.commands.includes(command));
  if (name === undefined) return;
  if (first === undefined) usageError(`--${name} needs files or folders: kubeseal ${command} DIR`);
  usageError(`${command}: --${name} and ${JSON.stringify(first)} cannot be used together`);
}

/** Refuses several files for one flag: the reference silently uses the last one. */
function refuseSeveral(name: string, files: readonly string[]): void {
  if (files.length > 1)
    usageError(`--${name} takes one file, not ${files.length} (${joined(files)}): ${ONE_BY_ONE}`);
}

/**
 * Returns the command that the first arguments or the flags select: the first of `COMMAND_NAMES`, or `seal` without such
 * flags. Throws `Usage` if they select several commands, unless one of them is `version`.
 */
export function selectCommand(flags: ParsedFlags): CommandName {
  const selected = COMMAND_NAMES.flatMap((command) => {
    const flag = FLAGS.find(({ name, selects }) => selects === command && flags.has(name));
    return flag === undefined ? [] : [{ command, flag }];
  });
  const [first, second] = selected;
  if (first === undefined) return flags.command ?? 'seal';
  if (flags.command !== undefined && flags.command !== first.command && first.command !== 'version') {
    usageError(`${flags.command} and ${describe(first.flag, flags)} cannot be used together`);
  }
  if (second !== undefined && first.command !== 'version') {
    usageError(`${describe(first.flag, flags)} and ${describe(second.flag, flags)} cannot be used together`);
  }
  return first.command;
}

/** Returns the flag, with its environment variable if it comes from there. */
function describe(flag: Flag, flags: ParsedFlags): string {
  const { name } = flag;
  return flags.typed(name) ? `--${name}` : `--${name} (set by ${variableOf(flag) ?? ''})`;
}
