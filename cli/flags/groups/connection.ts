import type { FlagDefinition } from '../flag.ts';
import { CLUSTER_USERS } from './users.ts';

const GROUP = 'Connecting to the cluster, as kubectl does:';
const CONNECTION = { kind: 'text', group: GROUP, commands: CLUSTER_USERS } as const;

/** The flags about the connection to the cluster. */
export const CONNECTION_FLAGS = [
  {
    ...CONNECTION,
    name: 'kubeconfig',
    placeholder: 'file',
    completes: 'file',
    help: 'the kubeconfig to use',
  },
  {
    ...CONNECTION,
    name: 'context',
    placeholder: 'name',
    completes: 'context',
    help: 'the kubeconfig context to use',
  },
  { ...CONNECTION, name: 'cluster', placeholder: 'name', help: 'the kubeconfig cluster to use' },
  { ...CONNECTION, name: 'user', placeholder: 'name', help: 'the kubeconfig user to use' },
  {
    ...CONNECTION,
    name: 'server',
    short: 's',
    placeholder: 'url',
    help: 'address of the API server',
    helpOf: { create: 'address of the API server; with docker-registry, the registry (default: Docker Hub)' },
  },
  { ...CONNECTION, name: 'token', placeholder: 'token', help: 'bearer token for the API server' },
  { ...CONNECTION, name: 'as', placeholder: 'user', help: 'user to impersonate' },
  {
    ...CONNECTION,
    name: 'as-group',
    kind: 'list',
    split: 'whole',
    placeholder: 'group',
    help: 'group to impersonate; repeatable',
  },
  { ...CONNECTION, name: 'as-uid', placeholder: 'uid', help: 'UID to impersonate' },
  {
    ...CONNECTION,
    name: 'certificate-authority',
    placeholder: 'file',
    completes: 'file',
    help: "file with the certificate authorities that may sign the API server's certificate",
  },
  {
    ...CONNECTION,
    name: 'client-certificate',
    placeholder: 'file',
    completes: 'file',
    help: 'file with the client certificate',
  },
  {
    ...CONNECTION,
    name: 'client-key',
    placeholder: 'file',
    completes: 'file',
    help: 'file with the private key of the client certificate',
  },
  {
    ...CONNECTION,
    name: 'insecure-skip-tls-verify',
    kind: 'switch',
    help: "do not check the API server's certificate",
  },
  {
    ...CONNECTION,
    name: 'tls-server-name',
    placeholder: 'name',
    help: "name to expect in the API server's certificate",
  },
  {
    ...CONNECTION,
    name: 'proxy-url',
    placeholder: 'url',
    help: 'proxy for connections to the API server',
  },
  {
    ...CONNECTION,
    name: 'request-timeout',
    placeholder: 'duration',
    help: 'how long one request may take, such as 30s or 2m; 0 means no limit',
  },
  {
    ...CONNECTION,
    name: 'disable-compression',
    kind: 'switch',
    help: 'do not request compressed responses from the API server',
  },
  {
    ...CONNECTION,
    name: 'username',
    placeholder: 'name',
    help: 'user name for basic authentication',
    helpOf: { create: 'user name for basic authentication; with docker-registry, at the registry' },
  },
  {
    ...CONNECTION,
    name: 'password',
    placeholder: 'password',
    help: 'password for basic authentication',
    helpOf: {
      create:
        'password for basic authentication; with docker-registry, at the registry; stays in the history of the shell',
    },
  },
] as const satisfies readonly FlagDefinition[];
