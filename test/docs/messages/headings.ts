/** Where the page lists the messages of a part of the code: the heading for the path that matches first. */
const HEADINGS: readonly (readonly [path: string, heading: string])[] = [
  ['cli/keys/', '### Commands about keys'],
  ['cli/key-backup/', '### Backups of keys'],
  ['cli/commands/keys/backup.ts', '### Backups of keys'],
  ['cli/commands/keys/verify-backup.ts', '### Backups of keys'],
  ['cli/commands/keys/restore.ts', '### Backups of keys'],
  ['cli/commands/keys/', '### Commands about keys'],
  ['cli/lint/', '### Checks of a repository'],
  ['cli/commands/lint.ts', '### Checks of a repository'],
  ['cli/flags/', '### The command line'],
  ['cli/commands/', '### The command line'],
  ['cli/values/', '### Values'],
  ['cli/new-secrets/', '### Values'],
  ['cli/warnings/', '### Warnings and notes'],
  ['cli/sealing/', '### Certificate and scope'],
  ['cli/clusters/', '### Several clusters'],
  ['cli/config/', '### .kubeseal.yaml'],
  ['cli/', '### SealedSecrets in files'],
  ['web/', '## The page that seals'],
  ['shared/input/errors.ts', '### Values'],
  ['shared/input/env-lines.ts', '### Values'],
  ['shared/input/cluster-wide.ts', '### Certificate and scope'],
  ['shared/input/sealed-target.ts', '### Certificate and scope'],
  ['shared/input/', '### Warnings and notes'],
  ['library/', '## The library for TypeScript'],
  ['shared/file-errors.ts', '### Reading and writing files'],
  ['shared/inspect/', '### SealedSecrets in files'],
  ['shared/manifest/', '### YAML and JSON'],
  ['shared/api/', '### Fields of objects'],
  ['shared/crypto/', '### Certificates and keys'],
  ['shared/key-record/', '### Sealing keys'],
  ['shared/kubernetes/auth/', '### Kubeconfig and credentials'],
  ['shared/kubernetes/', '### The network and the API server'],
  ['shared/seal/', '## Status and events'],
  ['controller/keys/', '### Sealing keys'],
  ['controller/leaderelection/', '### Leader election'],
  ['controller/server/', '## HTTP answers'],
  ['controller/status/', '## Status and events'],
  ['controller/reconciler/', '## Status and events'],
  ['controller/flag', '### The start'],
  ['controller/options', '### The start'],
  ['controller/', '### Watches and requests'],
];

/** Returns the heading under which an entry for a message of a file belongs. */
export function headingFor(file: string): string {
  return HEADINGS.find(([path]) => file.startsWith(path))?.[1] ?? '## Status and events';
}

/** All headings for entries. */
export const ALL_HEADINGS: ReadonlySet<string> = new Set(HEADINGS.map(([, heading]) => heading));
