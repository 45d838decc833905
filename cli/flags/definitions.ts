import { SCOPES } from '../../shared/seal/scope.ts';

/** The headings of `--help`, in order. */
export const GROUPS = [
  'Input and output:',
  'Sealing:',
  'One value, one item:',
  'With the controller:',
  'Without a cluster:',
  'Finding the cluster, as kubectl does:',
  'Other:',
] as const;

/** The definition of a flag. */
export interface Flag {
  readonly group: (typeof GROUPS)[number];
  readonly help: string;
  readonly short?: string;
  /** The placeholder of the value in `--help`. A flag without one is a switch. */
  readonly value?: string;
  /** The allowed values; `anyCase` ignores their letter case. */
  readonly choices?: readonly string[];
  readonly anyCase?: true;
  /** For a repeatable flag, whether each value is split at commas or taken whole. */
  readonly list?: 'commas' | 'whole';
  /** Whether several different values are an error. The reference uses the last file and ignores the others. */
  readonly once?: true;
  readonly default?: string;
  /** What shell completion offers for the value. */
  readonly completes?: 'file' | 'context' | 'namespace';
  /** Whether `--help` omits the flag. */
  readonly hidden?: true;
  /** Whether the flag belongs to Go's logging library klog. No environment variable sets it. */
  readonly klog?: true;
}

const IO = 'Input and output:';
const SEAL = 'Sealing:';
const ONE = 'One value, one item:';
const CONTROLLER = 'With the controller:';
const OFFLINE = 'Without a cluster:';
const CLUSTER = 'Finding the cluster, as kubectl does:';
const OTHER = 'Other:';
const KLOG = { group: OTHER, help: 'accepted, without effect', hidden: true, klog: true } as const;

/**
 * Every flag, by its long name. Names such as `port` and `service-host` are not allowed: for a Service named
 * "sealed-secrets", Kubernetes sets environment variables with these names in every pod of its namespace.
 */
const TABLE = {
  'secret-file': {
    group: IO,
    short: 'f',
    value: 'file',
    once: true,
    completes: 'file',
    help: 'read from this file instead of stdin (-)',
  },
  'sealed-secret-file': {
    group: IO,
    short: 'w',
    value: 'file',
    once: true,
    completes: 'file',
    help: 'write to this file instead of stdout (-); .yaml and .yml mean YAML',
  },
  format: {
    group: IO,
    short: 'o',
    value: 'format',
    choices: ['json', 'yaml'],
    anyCase: true,
    help: 'output format: json or yaml (default: json, and for a file that is changed, its own)',
  },

  cert: {
    group: SEAL,
    value: 'file|url',
    completes: 'file',
    help: 'seal with this certificate, without asking a cluster',
  },
  'cert-fingerprint': {
    group: SEAL,
    value: 'fingerprint',
    help: 'refuse a certificate with another fingerprint (SHA256:…)',
  },
  scope: {
    group: SEAL,
    value: 'scope',
    choices: SCOPES,
    help: 'where it may be unsealed: strict (this name and namespace), namespace-wide, cluster-wide',
  },
  name: { group: SEAL, value: 'name', help: 'name of the SealedSecret, instead of the one in the Secret' },
  namespace: {
    group: SEAL,
    short: 'n',
    value: 'namespace',
    completes: 'namespace',
    help: 'namespace of the SealedSecret, where the Secret names none',
  },
  'allow-empty-data': { group: SEAL, help: 'seal a Secret that has no items' },
  'key-hint': {
    group: SEAL,
    help: "note the key's fingerprint in the annotation sealedsecrets.bitnami.com/sealing-key",
  },

  raw: { group: ONE, help: 'seal one value from stdin or --from-file, and print it as bare base64' },
  'from-file': {
    group: ONE,
    value: 'path',
    list: 'commas',
    completes: 'file',
    help: 'with --raw: the file that holds the value',
  },
  'merge-into': {
    group: ONE,
    value: 'file',
    once: true,
    completes: 'file',
    help: 'add the items of the input to the SealedSecret in this file, or replace them there',
  },

  'fetch-cert': { group: CONTROLLER, help: "print the cluster's certificate" },
  validate: {
    group: CONTROLLER,
    help: 'ask the controller whether it can unseal the input, or try --recovery-private-key',
  },
  're-encrypt': {
    group: CONTROLLER,
    help: 're-encrypt with the newest key; with -f alone, that file is changed in place',
  },
  rotate: { group: CONTROLLER, help: 'the former name of --re-encrypt', hidden: true },
  'controller-name': {
    group: CONTROLLER,
    value: 'name',
    default: 'sealed-secrets-controller',
    help: "the controller's Service",
  },
  'controller-namespace': {
    group: CONTROLLER,
    value: 'namespace',
    default: 'kube-system',
    completes: 'namespace',
    help: "the controller's namespace",
  },

  'recovery-unseal': { group: OFFLINE, help: 'decrypt SealedSecrets with the private keys' },
  'recovery-private-key': {
    group: OFFLINE,
    value: 'file',
    list: 'commas',
    completes: 'file',
    help: 'PEM keys, or key Secrets from the cluster; repeatable. With --validate, and with --re-encrypt --cert: no cluster is asked',
  },
  'allow-old-certificate': {
    group: OFFLINE,
    help: 'with --re-encrypt --cert: accept a certificate older than the newest of the keys',
  },
  recovery: { group: OFFLINE, help: 'the same as --recovery-unseal', hidden: true },
  'private-key': {
    group: OFFLINE,
    value: 'file',
    list: 'commas',
    completes: 'file',
    help: 'the same as --recovery-private-key',
    hidden: true,
  },

  kubeconfig: { group: CLUSTER, value: 'file', completes: 'file', help: 'the kubeconfig to use' },
  context: {
    group: CLUSTER,
    value: 'name',
    completes: 'context',
    help: 'the kubeconfig context to use',
  },
  cluster: { group: CLUSTER, value: 'name', help: 'the kubeconfig cluster to use' },
  user: { group: CLUSTER, value: 'name', help: 'the kubeconfig user to use' },
  server: { group: CLUSTER, short: 's', value: 'url', help: 'address of the API server' },
  token: { group: CLUSTER, value: 'token', help: 'bearer token for the API server' },
  as: { group: CLUSTER, value: 'user', help: 'user to impersonate' },
  'as-group': { group: CLUSTER, value: 'group', list: 'whole', help: 'group to impersonate; repeatable' },
  'as-uid': { group: CLUSTER, value: 'uid', help: 'UID to impersonate' },
  'certificate-authority': {
    group: CLUSTER,
    value: 'file',
    completes: 'file',
    help: 'certificates to trust the API server by',
  },
  'client-certificate': { group: CLUSTER, value: 'file', completes: 'file', help: 'client certificate' },
  'client-key': { group: CLUSTER, value: 'file', completes: 'file', help: 'key of the client certificate' },
  'insecure-skip-tls-verify': { group: CLUSTER, help: "do not check the API server's certificate" },
  'tls-server-name': {
    group: CLUSTER,
    value: 'name',
    help: "name to expect in the API server's certificate",
  },
  'proxy-url': { group: CLUSTER, value: 'url', help: 'proxy to reach the API server through' },
  'request-timeout': {
    group: CLUSTER,
    value: 'duration',
    help: 'how long one request may take, as 30s or 2m; 0 means for ever',
  },
  'disable-compression': { group: CLUSTER, help: 'do not ask the API server to compress its answers' },
  username: { group: CLUSTER, value: 'name', help: 'name for basic authentication' },
  password: { group: CLUSTER, value: 'password', help: 'password for basic authentication' },

  version: { group: OTHER, help: 'print the version' },

  v: {
    group: OTHER,
    short: 'v',
    value: 'level',
    help: 'from 1 on, say on stderr which certificate is used',
    klog: true,
  },
  vmodule: { ...KLOG, value: 'pattern' },
  logtostderr: KLOG,
  alsologtostderr: KLOG,
  stderrthreshold: { ...KLOG, value: 'severity' },
  log_dir: { ...KLOG, value: 'folder' },
  log_file: { ...KLOG, value: 'file' },
  log_file_max_size: { ...KLOG, value: 'size' },
  log_backtrace_at: { ...KLOG, value: 'place' },
  add_dir_header: KLOG,
  skip_headers: KLOG,
  skip_log_headers: KLOG,
  one_output: KLOG,
} as const satisfies Readonly<Record<string, Flag>>;

type Table = typeof TABLE;
/** The long name of a flag, without dashes. */
export type FlagName = keyof Table;
type Named<Property> = { [N in FlagName]: Table[N] extends Property ? N : never }[FlagName];
/** A flag that takes a list. */
export type ListName = Named<{ readonly list: string }>;
/** A flag that takes one file. */
export type OnceName = Named<{ readonly once: true }>;
/** A flag that takes one value. */
export type TextName = Exclude<Named<{ readonly value: string }>, ListName>;
/** A flag that takes no value. */
export type SwitchName = Exclude<FlagName, TextName | ListName>;

/** Every flag, by its long name, in the order of `--help`. */
export const FLAGS: ReadonlyMap<FlagName, Flag> = new Map(Object.entries(TABLE) as [FlagName, Flag][]);

/** Returns the environment variable of a flag. Undefined if it has none. */
export function variableOf(name: FlagName, flag: Flag): string | undefined {
  return flag.klog ? undefined : `SEALED_SECRETS_${name.replaceAll('-', '_').toUpperCase()}`;
}
