import { commandNamed, type CommandName } from './commands.ts';
import { fileOf } from './options.ts';
import type { ParsedFlags } from './parsed-flags.ts';
import { usageError } from './usage-error.ts';

/** Returns the file that the first word of a command names. Undefined for `-`, which is stdin. Throws `Usage`. */
export function fileWord({ words: [word] }: ParsedFlags, command: CommandName): string | undefined {
  return word === undefined || word === '' ? refuseNoFile(command) : fileOf(word);
}

/**
 * Returns the words behind the file: at least one. Throws `Usage`.
 *
 * @param first how many words come before them
 */
export function itemWords({ words }: ParsedFlags, command: CommandName, first = 1): readonly string[] {
  const items = words.slice(first);
  if (items.length > 0) return items;
  const usage = commandNamed(command)?.usage ?? '';
  return usageError(`${command}: an item is required; its usage: kubeseal ${command} ${usage}`);
}

function refuseNoFile(command: CommandName): never {
  const usage = commandNamed(command)?.usage ?? '';
  return usageError(
    `${command}: a file is required, or - for stdin; its usage: kubeseal ${command} ${usage}`,
  );
}
