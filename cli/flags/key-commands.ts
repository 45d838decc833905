import type { NamedCommand } from './commands.ts';

const TASK = 'Look after the sealing keys:';

/** The commands of the group `keys`, in the order of `--help`. */
export const KEY_COMMANDS: readonly NamedCommand[] = [
  {
    name: 'keys list',
    task: TASK,
    usage: '[flags]',
    summary: 'list the sealing keys of the cluster',
    examples: ['keys list', 'keys list -o json --context prod'],
    words: [],
  },
];
