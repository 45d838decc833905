import type { FlagDefinition } from '../flag.ts';
import { TREE_USERS } from './users.ts';

const GROUP = 'Files in folders:';
const TREE_REFUSAL = 'is for kubeseal re-encrypt DIR and kubeseal validate DIR';

/** The flags about files in folders. */
export const TREE_FLAGS = [
  {
    name: 'include',
    kind: 'list',
    split: 'whole',
    placeholder: 'glob',
    group: GROUP,
    commands: [...TREE_USERS, 'lint'],
    refusal: `--include ${TREE_REFUSAL}`,
    help: 'only files that fit this pattern, written as in .gitignore; repeatable',
  },
  {
    name: 'exclude',
    kind: 'list',
    split: 'whole',
    placeholder: 'glob',
    group: GROUP,
    commands: [...TREE_USERS, 'lint'],
    refusal: `--exclude ${TREE_REFUSAL}`,
    help: 'skip files and folders that fit this pattern, written as in .gitignore; repeatable',
  },
  {
    name: 'kustomize',
    kind: 'list',
    split: 'whole',
    placeholder: 'dir',
    group: GROUP,
    commands: ['lint'],
    help: 'build the kustomization in this folder with kustomize or kubectl, and check the result; repeatable',
  },
  {
    name: 'check',
    kind: 'switch',
    group: GROUP,
    commands: ['re-encrypt', 'certs update'],
    refusal: '--check is for kubeseal re-encrypt DIR and kubeseal certs update',
    help: 'change no file; exit with 1 if something is to be done',
    helpOf: {
      're-encrypt': 'change no file; exit with 1 if something is to be re-encrypted',
      'certs update': 'change no file; exit with 1 if a certificate is not the newest or expires soon',
    },
  },
  {
    name: 'concurrency',
    kind: 'text',
    isNumber: true,
    placeholder: 'number',
    group: GROUP,
    commands: TREE_USERS,
    help: 'for how many files to work at once (default: as many as the processor can, or 1 with the controller)',
  },
] as const satisfies readonly FlagDefinition[];
