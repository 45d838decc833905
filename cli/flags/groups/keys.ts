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
] as const satisfies readonly FlagDefinition[];
