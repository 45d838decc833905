import type { FlagDefinition } from '../flag.ts';

const GROUP = 'Sealing keys:';

/** The flags about sealing keys. */
export const KEYS_FLAGS = [
  {
    name: 'public',
    kind: 'switch',
    group: GROUP,
    commands: ['keys export'],
    help: 'with keys export: write certificates, the public halves of the keys',
    helpOf: { 'keys export': 'write certificates, the public halves of the keys' },
  },
  {
    name: 'timeout',
    kind: 'text',
    placeholder: 'duration',
    group: GROUP,
    commands: ['keys renew', 'keys compromised', 'keys restore'],
    help: 'how long to wait for the controller, such as 30s or 5m',
    helpOf: {
      'keys renew': 'how long to wait for the new key, such as 30s or 5m (default: 2m)',
      'keys compromised': 'how long to wait for the new key, such as 30s or 5m (default: 2m)',
      'keys restore':
        'how long to wait until the controller uses the keys; 0 means not at all (default: 30s)',
    },
  },
  {
    name: 'yes',
    kind: 'switch',
    group: GROUP,
    commands: ['keys backup', 'keys compromised'],
    help: 'do not ask on the terminal',
    helpOf: {
      'keys backup': 'do not ask whether --plain is meant',
      'keys compromised': 'label the key at once, although SealedSecrets need it',
    },
  },
] as const satisfies readonly FlagDefinition[];
