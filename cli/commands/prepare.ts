import { checkFlags, checkWords, refuseMoreWords, selectCommand } from '../flags/check.ts';
import type { ParsedFlags } from '../flags/parsed-flags.ts';
import { ignoredWarning, refuseIgnoredFiles } from '../flags/words.ts';
import type { PreparedCommand } from './command.ts';
import { COMMANDS, type CommandOptions } from './list.ts';

/** A command that is ready to run, and warnings about its command line. */
export interface Prepared {
  readonly command: PreparedCommand<CommandOptions>;
  readonly warnings: readonly string[];
}

/** Loads the command that the flags select, with its options. Throws `Usage` if the flags do not fit together. */
export async function prepareCommand(flags: ParsedFlags): Promise<Prepared> {
  const name = selectCommand(flags);
  const command = await COMMANDS[name].load();
  // As in the reference, words are ignored, unless one of them is a command.
  const ignored = flags.command === undefined ? flags.words : [];
  if (!command.informational) {
    checkFlags(flags, name);
    refuseMoreWords(flags);
    checkWords(flags, name);
    await refuseIgnoredFiles(ignored, flags);
  }
  return {
    command: command.prepare(flags),
    warnings: [
      ...(ignored.length > 0 ? [await ignoredWarning(ignored, flags, name)] : []),
      ...(flags.typed('rotate') ? ['(--rotate is now called --re-encrypt)'] : []),
    ],
  };
}
