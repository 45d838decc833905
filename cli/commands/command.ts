import type { CliContext } from '../context.ts';
import type { CommandName } from '../flags/commands.ts';
import type { ParsedFlags } from '../flags/parsed-flags.ts';

/** What a file in this folder says about its command. */
export interface CommandDefinition<Options extends { readonly command: CommandName }> {
  readonly name: Options['command'];
  /** Whether the command is about kubeseal itself, and runs even if other flags are wrong. */
  readonly informational?: true;
  /**
   * Reads the options of the command, so that `run` need not check them. Throws `Usage` if a flag is missing or
   * contradicts another one.
   */
  options(flags: ParsedFlags): Options;
  /** Runs the command. May return an exit code; 0 otherwise. */
  run(options: Options, context: CliContext): Promise<void> | Promise<number>;
}

/** A command with its options, ready to run. */
export interface PreparedCommand<Options> {
  readonly options: Options;
  /** Runs the command and returns the exit code. */
  run(context: CliContext): Promise<number>;
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
      return {
        options,
        async run(context) {
          const code = await definition.run(options, context);
          return typeof code === 'number' ? code : 0;
        },
      };
    },
  };
}
