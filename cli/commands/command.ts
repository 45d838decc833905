import type { CliContext } from '../context.ts';
import type { CommandName } from '../flags/commands.ts';
import type { ParsedFlags } from '../flags/parsed-flags.ts';

/** What a file in this folder says about its command. */
interface CommandDefinition<Options extends { readonly command: CommandName }> {
  readonly name: Options['command'];
  /** Whether the command is about kubeseal itself, and runs even if other flags are wrong. */
  readonly informational?: true;
  /**
   * Reads the options of the command, so that `run` need not check them. Throws `Usage` if a flag is missing or
   * contradicts another one.
   */
  options(flags: ParsedFlags): Options;
  run(options: Options, context: CliContext): Promise<void>;
}

/** A command with its options, ready to run. */
export interface PreparedCommand<Options> {
  readonly options: Options;
  run(context: CliContext): Promise<void>;
}

/** A command of kubeseal. */
export interface Command<Options extends { readonly command: CommandName }> {
  readonly name: Options['command'];
  readonly informational: boolean;
  /** Binds the command to its options. Throws as `CommandDefinition.options` does. */
  prepare(flags: ParsedFlags): PreparedCommand<Options>;
}

/** Makes a command of its definition. */
export function defineCommand<Options extends { readonly command: CommandName }>(
  definition: CommandDefinition<Options>,
): Command<Options> {
  return {
    name: definition.name,
    informational: definition.informational ?? false,
    prepare(flags) {
      const options = definition.options(flags);
      return { options, run: (context) => definition.run(options, context) };
    },
  };
}
