// The commands that use a flag, where several flags have the same ones.

/** The commands that seal a whole input. */
export const SEALING = ['seal', 'raw', 'merge-into'] as const;

/** The commands that learn the values of sealed items. */
export const KNOWN_VALUE_USERS = ['seal', 'merge-into', 'set', 'get', 'edit', 'diff'] as const;

/** The commands that need a certificate. */
export const CERTIFICATE_USERS = [
  ...SEALING,
  'create',
  'set',
  'edit',
  'fetch-cert',
  're-encrypt',
  'web',
] as const;

/** The commands that seal for clusters of `.kubeseal.yaml`, several at once. */
export const SEVERAL_CLUSTERS = ['seal', 'create', 'set', 're-encrypt'] as const;

/** The commands that reach the controller. */
export const CONTROLLER_USERS = [...CERTIFICATE_USERS, 'validate', 'certs update'] as const;

/** The commands that read private keys. */
export const KEY_USERS = ['recovery-unseal', 'validate', 're-encrypt', ...KNOWN_VALUE_USERS] as const;

/** The commands of `kubeseal keys` that reach the API server. */
export const KEYS_COMMANDS = [
  'keys list',
  'keys usage',
  'keys export',
  'keys renew',
  'keys retire',
  'keys unretire',
  'keys compromised',
  'keys backup',
  'keys verify-backup',
  'keys restore',
] as const;

/** The commands that read `.kubeseal.yaml`. */
export const CONFIG_USERS = [
  ...CERTIFICATE_USERS,
  ...(['validate', 'get', 'diff', 'certs update', 'lint'] as const),
  ...KEYS_COMMANDS,
] as const;

/** The commands about keys that look at SealedSecrets in files. */
export const KEYS_TREE_USERS = ['keys list', 'keys usage', 'keys retire', 'keys compromised'] as const;

/** The commands that reach the API server. */
export const CLUSTER_USERS = [...CONTROLLER_USERS, 'get', 'diff', ...KEYS_COMMANDS] as const;

/** The commands about one SealedSecret of a file, or about those that are chosen. */
export const SELECTORS = ['set', 'unset', 'edit', 'get', 'diff', 'explain'] as const;

/** The commands that write a file and can leave it as it is. */
export const DRY_RUNNERS = ['create', 'seal', 'merge-into', 'set', 'unset', 'edit', 're-encrypt'] as const;

/** The commands that read an input from `-f`. */
export const FILE_READERS = ['seal', 'merge-into', 'validate', 're-encrypt', 'recovery-unseal'] as const;

/** The commands that write to `-w`. */
export const PRINTERS = [
  'create',
  'seal',
  'raw',
  'merge-into',
  'fetch-cert',
  're-encrypt',
  'recovery-unseal',
  'keys export',
  'web',
  'lint',
] as const;

/** The commands that work on the files of folders. */
export const TREE_USERS = ['validate', 're-encrypt', ...KEYS_TREE_USERS] as const;
