import type { FlagDefinition } from '../flag.ts';
import { CONTROLLER_USERS, KEYS_COMMANDS } from './users.ts';

const GROUP = 'With the controller:';
const KEYS_NAMESPACE = 'namespace of the controller, where its keys are';

/** The flags about work with the controller. */
export const CONTROLLER_FLAGS = [
  {
    name: 'fetch-cert',
    kind: 'switch',
    group: GROUP,
    commands: ['fetch-cert'],
    selects: 'fetch-cert',
    help: "print the cluster's certificate",
  },
  {
    name: 'validate',
    kind: 'switch',
    group: GROUP,
    commands: ['validate'],
    selects: 'validate',
    help: 'check whether the controller, or --recovery-private-key, can unseal the input',
  },
  {
    name: 're-encrypt',
    kind: 'switch',
    group: GROUP,
    commands: ['re-encrypt'],
    selects: 're-encrypt',
    help: 're-encrypt the input with the newest key; with -f alone, change that file in place',
  },
  {
    name: 'rotate',
    kind: 'switch',
    group: GROUP,
    commands: ['re-encrypt'],
    selects: 're-encrypt',
    hidden: true,
    help: 'the former name of --re-encrypt',
  },
  {
    name: 'controller-name',
    kind: 'text',
    placeholder: 'name',
    default: 'sealed-secrets-controller',
    group: GROUP,
    commands: CONTROLLER_USERS,
    help: "name of the controller's Service",
  },
  {
    name: 'controller-namespace',
    kind: 'text',
    placeholder: 'namespace',
    default: 'kube-system',
    completes: 'namespace',
    group: GROUP,
    commands: [...CONTROLLER_USERS, ...KEYS_COMMANDS],
    help: "namespace of the controller's Service",
    helpOf: {
      ...Object.fromEntries(KEYS_COMMANDS.map((name) => [name, KEYS_NAMESPACE])),
      'keys restore': 'namespace to restore the keys to (default: the one that the backup names)',
    },
  },
] as const satisfies readonly FlagDefinition[];
