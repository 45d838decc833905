import type { CommandName } from '../flags/definitions.ts';

interface CommandEntry {
  /** Whether the first argument can name the command. Flags select the other ones. */
  readonly isWord?: true;
  load(): Promise<unknown>;
}

/**
 * Every command, in the reference's order of precedence among the flags that select them. A command is loaded only when
 * it runs: sealing with a certificate file loads no code for clusters.
 */
export const COMMANDS = {
  version: { load: async () => (await import('./version.ts')).version },
  'recovery-unseal': { load: async () => (await import('./recover.ts')).recover },
  validate: { load: async () => (await import('./validate.ts')).validate },
  're-encrypt': { load: async () => (await import('./re-encrypt.ts')).reEncrypt },
  'fetch-cert': { load: async () => (await import('./fetch-cert.ts')).fetchCert },
  'merge-into': { load: async () => (await import('./merge.ts')).mergeInto },
  raw: { load: async () => (await import('./raw.ts')).raw },
  seal: { load: async () => (await import('./seal.ts')).seal },
  completion: { isWord: true, load: async () => (await import('./completion.ts')).completion },
} as const satisfies Readonly<Record<CommandName, CommandEntry>>;

/** The names of all commands, in order of precedence. */
export const COMMAND_NAMES = Object.keys(COMMANDS) as readonly CommandName[];

/** The commands that the first argument can name. */
export const COMMAND_WORDS: readonly CommandName[] = COMMAND_NAMES.filter(
  (name) => 'isWord' in COMMANDS[name],
);

type LoadedCommand = Awaited<ReturnType<(typeof COMMANDS)[CommandName]['load']>>;

/** The options of a command, distinguished by `command`. */
export type CommandOptions = ReturnType<LoadedCommand['prepare']>['options'];
