import type { CommandName } from '../flags/commands.ts';

interface CommandEntry {
  load(): Promise<unknown>;
}

/** Every command. It is loaded only when it runs: sealing with a certificate file loads no code for clusters. */
export const COMMANDS = {
  version: { load: async () => (await import('./version.ts')).version },
  'recovery-unseal': { load: async () => (await import('./recover.ts')).recover },
  validate: { load: async () => (await import('./validate.ts')).validate },
  're-encrypt': { load: async () => (await import('./re-encrypt.ts')).reEncrypt },
  'fetch-cert': { load: async () => (await import('./fetch-cert.ts')).fetchCert },
  'merge-into': { load: async () => (await import('./merge.ts')).mergeInto },
  raw: { load: async () => (await import('./raw.ts')).raw },
  seal: { load: async () => (await import('./seal.ts')).seal },
  create: { load: async () => (await import('./create.ts')).create },
  set: { load: async () => (await import('./set.ts')).set },
  unset: { load: async () => (await import('./unset.ts')).unset },
  edit: { load: async () => (await import('./edit.ts')).edit },
  get: { load: async () => (await import('./get.ts')).get },
  diff: { load: async () => (await import('./diff.ts')).diff },
  explain: { load: async () => (await import('./explain.ts')).explain },
  textconv: { load: async () => (await import('./textconv.ts')).textconv },
  lint: { load: async () => (await import('./lint.ts')).lint },
  'certs update': { load: async () => (await import('./certs/update.ts')).certsUpdate },
  'keys list': { load: async () => (await import('./keys/list.ts')).keysList },
  'keys backup': { load: async () => (await import('./keys/backup.ts')).keysBackup },
  'keys verify-backup': { load: async () => (await import('./keys/verify-backup.ts')).keysVerifyBackup },
  'keys restore': { load: async () => (await import('./keys/restore.ts')).keysRestore },
  'keys usage': { load: async () => (await import('./keys/usage.ts')).keysUsage },
  'keys renew': { load: async () => (await import('./keys/renew.ts')).keysRenew },
  'keys retire': { load: async () => (await import('./keys/retire.ts')).keysRetire },
  'keys unretire': { load: async () => (await import('./keys/unretire.ts')).keysUnretire },
  'keys compromised': { load: async () => (await import('./keys/compromised.ts')).keysCompromised },
  'keys export': { load: async () => (await import('./keys/export.ts')).keysExport },
  web: { load: async () => (await import('./web.ts')).web },
  completion: { load: async () => (await import('./completion.ts')).completion },
} as const satisfies Readonly<Record<CommandName, CommandEntry>>;

type LoadedCommand = Awaited<ReturnType<(typeof COMMANDS)[CommandName]['load']>>;

/** The options of a command, distinguished by `command`. */
export type CommandOptions = ReturnType<LoadedCommand['prepare']>['options'];
