import { SCOPES } from '../../../shared/seal/scope.ts';
import type { FlagDefinition } from '../flag.ts';
import { SEALING, SEVERAL_CLUSTERS, CERTIFICATE_USERS, CONFIG_USERS, KEY_USERS, SELECTORS } from './users.ts';

const GROUP = 'Sealing:';
const SELECTED_NAME = 'name of the SealedSecret, if the file holds several';

const SELECTED_NAMESPACE = 'namespace of the SealedSecret, if the file holds several';

const HINT_BY_DEFAULT =
  'record the fingerprint of the key in the annotation sealedsecrets.bitnami.com/sealing-key';

/** The flags about sealing. */
export const SEALING_FLAGS = [
  {
    name: 'cert',
    kind: 'text',
    repeats: true,
    placeholder: 'file|url',
    placeholderOf: { lint: 'file' },
    completes: 'file',
    group: GROUP,
    commands: [...CERTIFICATE_USERS, 'explain', 'lint'],
    help: 'seal with this certificate instead of fetching one from the cluster',
    helpOf: {
      explain: 'tell what these certificates cannot have sealed; repeatable',
      lint: 'take all files for those of one cluster, with the certificates in these files, the newest first; repeatable',
      web: 'put this certificate into the page instead of fetching one from the cluster',
    },
  },
  {
    name: 'cert-fingerprint',
    kind: 'text',
    placeholder: 'fingerprint',
    group: GROUP,
    commands: CERTIFICATE_USERS,
    help: 'refuse a certificate with another fingerprint (SHA256:…)',
  },
  {
    name: 'config',
    kind: 'text',
    placeholder: 'file|none',
    completes: 'file',
    group: GROUP,
    commands: CONFIG_USERS,
    help: 'read this file in place of the nearest .kubeseal.yaml; "none" turns the search off',
  },
  {
    name: 'to',
    kind: 'list',
    split: 'commas',
    placeholder: 'clusters',
    completes: 'cluster',
    group: GROUP,
    commands: SEVERAL_CLUSTERS,
    refusal: '--to is for kubeseal seal, create, set and re-encrypt',
    help: 'seal for these clusters of .kubeseal.yaml, such as prod,staging; several need --split',
  },
  {
    name: 'split',
    kind: 'text',
    placeholder: 'pattern',
    completes: 'file',
    group: GROUP,
    commands: SEVERAL_CLUSTERS,
    refusal: '--split is for kubeseal seal, create, set and re-encrypt',
    help: "write a file for each cluster of --to, all or none: 'overlays/{cluster}/db.yaml'",
    helpOf: {
      set: "change the file of each cluster of --to, all or none: 'overlays/{cluster}/db.yaml', in place of FILE",
      're-encrypt': "re-encrypt the file of each cluster of --to, all or none: 'overlays/{cluster}/db.yaml'",
    },
  },
  {
    name: 'warn-unverified-backup',
    kind: 'switch',
    group: GROUP,
    commands: CERTIFICATE_USERS,
    help: "warn if no backup with the cluster's key has been verified",
  },
  {
    name: 'scope',
    kind: 'text',
    placeholder: 'scope',
    choices: SCOPES,
    group: GROUP,
    commands: [...SEALING, 'create'],
    help: 'where the Secret can be unsealed: strict (only under this name and namespace), namespace-wide or cluster-wide',
  },
  {
    name: 'name',
    kind: 'text',
    placeholder: 'name',
    group: GROUP,
    commands: [...SEALING, ...KEY_USERS, ...SELECTORS],
    help: 'name of the SealedSecret, instead of the name in the Secret',
    helpOf: {
      set: SELECTED_NAME,
      unset: SELECTED_NAME,
      edit: SELECTED_NAME,
      get: SELECTED_NAME,
      diff: SELECTED_NAME,
      explain: SELECTED_NAME,
    },
  },
  {
    name: 'namespace',
    short: 'n',
    kind: 'text',
    placeholder: 'namespace',
    completes: 'namespace',
    group: GROUP,
    commands: [...SEALING, ...KEY_USERS, ...SELECTORS, 'create'],
    help: 'namespace of the SealedSecret, if the Secret has none',
    helpOf: {
      create: 'namespace of the SealedSecret',
      set: SELECTED_NAMESPACE,
      unset: SELECTED_NAMESPACE,
      edit: SELECTED_NAMESPACE,
      get: SELECTED_NAMESPACE,
      diff: SELECTED_NAMESPACE,
      explain: SELECTED_NAMESPACE,
    },
  },
  {
    name: 'allow-empty-data',
    kind: 'switch',
    group: GROUP,
    commands: ['seal', 'merge-into'],
    help: 'allow a Secret without items',
  },
  {
    name: 'key-hint',
    kind: 'switch',
    group: GROUP,
    commands: [...SEALING, 're-encrypt', 'create', 'set', 'edit'],
    help: 'add the fingerprint of the key as the annotation sealedsecrets.bitnami.com/sealing-key',
    helpOf: {
      create: `${HINT_BY_DEFAULT}; =false turns it off`,
      set: `${HINT_BY_DEFAULT}, unless items with an unknown key stay; =false turns it off`,
      edit: `${HINT_BY_DEFAULT}, unless items with an unknown key stay; =false turns it off`,
      're-encrypt': `${HINT_BY_DEFAULT}; on with files or folders, where =false turns it off`,
    },
  },
  {
    name: 'record',
    kind: 'switch',
    group: GROUP,
    commands: ['seal', 'merge-into', 're-encrypt', 'create', 'set', 'edit'],
    help: 'add a sealing record as the annotation sealedsecrets.bitnami.com/sealing-record: what each item was sealed for, so that it can be checked without a cluster',
  },
  {
    name: 'keep-unchanged',
    kind: 'switch',
    group: GROUP,
    commands: ['create', 'seal', 'merge-into', 'set'],
    help: 'keep the ciphertexts in the file for values that did not change, as far as private keys, --from-cluster or a cache of digests of this user tell',
    helpOf: {
      set: 'use a cache of digests of this user to find out which values are there already (default: true)',
      create: 'remember digests of the values, so that set can keep those that do not change (default: true)',
    },
  },
] as const satisfies readonly FlagDefinition[];
