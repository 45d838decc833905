import type { FlagDefinition } from '../flag.ts';
import { KNOWN_VALUE_USERS, KEY_USERS } from './users.ts';

const GROUP = 'Without a cluster:';
const KEYS_FOR_UNCHANGED = 'find out with these private keys which values did not change; repeatable';

const KEYS_FOR_VALUES =
  'read the values with these private keys: PEM, or key Secrets from the cluster; repeatable';

/** The error of commands that use no private keys. */
export const KEYS_REFUSAL =
  '--recovery-private-key requires --recovery-unseal, --re-encrypt, --validate or --keep-unchanged';

const PRIVATE_KEYS = {
  kind: 'list',
  split: 'commas',
  placeholder: 'file',
  completes: 'file',
  group: GROUP,
  commands: KEY_USERS,
  refusal: KEYS_REFUSAL,
} as const;

/** The flags about work without a cluster. */
export const OFFLINE_FLAGS = [
  {
    name: 'recovery-unseal',
    kind: 'switch',
    group: GROUP,
    commands: ['recovery-unseal'],
    selects: 'recovery-unseal',
    help: 'decrypt SealedSecrets with private keys',
  },
  {
    name: 'recovery-private-key',
    ...PRIVATE_KEYS,
    help: 'private keys as PEM, or as key Secrets from the cluster; repeatable. With --validate, and with --re-encrypt --cert, no cluster is needed',
    helpOf: {
      seal: KEYS_FOR_UNCHANGED,
      set: KEYS_FOR_UNCHANGED,
      get: KEYS_FOR_VALUES,
      edit: KEYS_FOR_VALUES,
      diff: KEYS_FOR_VALUES,
    },
  },
  {
    name: 'from-cluster',
    kind: 'switch',
    group: GROUP,
    commands: KNOWN_VALUE_USERS,
    help: 'read the values from the Secret in the cluster, which you need the right to get',
    helpOf: {
      seal: 'with --keep-unchanged: find out from the Secret in the cluster which values did not change',
      set: 'find out from the Secret in the cluster which values are there already',
    },
  },
  {
    name: 'only',
    kind: 'list',
    split: 'commas',
    placeholder: 'rule',
    group: GROUP,
    commands: ['lint'],
    help: 'apply only these rules, by id or name, such as S001,private-key; repeatable',
  },
  {
    name: 'fix',
    kind: 'switch',
    group: GROUP,
    commands: ['lint'],
    commandLineOnly: true,
    help: 'mend what has one right answer; change no value, name or scope',
  },
  {
    name: 'allow-old-certificate',
    kind: 'switch',
    group: GROUP,
    commands: ['re-encrypt'],
    help: 'with --re-encrypt --cert: accept a certificate that is older than the newest private key',
  },
  {
    name: 'recovery',
    kind: 'switch',
    group: GROUP,
    commands: ['recovery-unseal'],
    selects: 'recovery-unseal',
    hidden: true,
    help: 'the same as --recovery-unseal',
  },
  {
    name: 'private-key',
    ...PRIVATE_KEYS,
    hidden: true,
    help: 'the same as --recovery-private-key',
  },
] as const satisfies readonly FlagDefinition[];
