import { joined } from '../../shared/text.ts';
import { FLAGS, variableOf, type CommandName, type Flag } from './definitions.ts';
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
    if (refusal !== undefined && flags.typed(name) && !commands.includes(command)) usageError(refusal);
  }
}

/** Refuses several files for one flag: the reference silently uses the last one. */
function refuseSeveral(name: string, files: readonly string[]): void {
  if (files.length > 1)
    usageError(`--${name} takes one file, not ${files.length} (${joined(files)}): ${ONE_BY_ONE}`);
}

/**
 * Returns the command that the first argument or the flags select: the first of `precedence`, or `seal` without such
 * flags. Throws `Usage` if the flags select several commands, unless one of them is `version`.
 */
export function selectCommand(flags: ParsedFlags, precedence: readonly CommandName[]): CommandName {
  const selected = precedence.flatMap((command) => {
    const flag = FLAGS.find(({ name, selects }) => selects === command && flags.has(name));
    return flag === undefined ? [] : [{ command, flag }];
  });
  const [first, second] = selected;
  if (first === undefined) return flags.command ?? 'seal';
  if (flags.command !== undefined && first.command !== 'version') {
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
