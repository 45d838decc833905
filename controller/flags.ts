import { InvalidArgumentError, Option } from 'commander';
import { isName } from '../shared/api/metadata.ts';
import { DEFAULT_KEY_RECORD } from '../shared/key-record/record.ts';
import { SERVICE_ACCOUNT_DIR } from '../shared/kubernetes/auth/in-cluster.ts';
import {
  readAddress,
  readBoolean,
  readChoice,
  readDate,
  readDuration,
  readInteger,
  readNumber,
  readPairs,
  readPeriod,
  readWords,
} from './flag-values.ts';
import { DEFAULT_KEY_PREFIX, KEY_GENERATIONS, KEY_ORDERS } from './keys/key-options.ts';

/** The values of `--log-level`. */
export const LOG_LEVELS = ['INFO', 'ERROR'] as const;
/** The values of `--log-format`. */
export const LOG_FORMATS = ['text', 'json'] as const;
/** One of {@link LOG_LEVELS}. */
export type LogLevel = (typeof LOG_LEVELS)[number];
/** One of {@link LOG_FORMATS}. */
export type LogFormat = (typeof LOG_FORMATS)[number];

/** The current names of renamed flags, by their old names. */
export const OLD_NAMES: ReadonlyMap<string, string> = new Map([['rotate-period', 'key-renew-period']]);

/** The help of flags of the reference that have no effect. */
const NO_EFFECT = 'accepted for compatibility, without effect';

/** Flags for sealing keys. */
const KEY_FLAGS = [
  flag('key-prefix <name>', {
    read: String,
    initial: DEFAULT_KEY_PREFIX,
    help: 'name prefix of key Secrets',
  }),
  flag('key-size <bits>', { read: readKeySize, initial: '4096', help: 'size of new keys, in bits' }),
  flag('key-ttl <duration>', {
    read: readTtl,
    initial: '87600h',
    help: "validity of a new key's certificate",
  }),
  flag('my-cn <name>', { read: String, initial: '', help: "common name in a new key's certificate" }),
  flag('key-renew-period <duration>', {
    read: readPeriod,
    initial: '720h',
    help: 'generate a new key when the newest one reaches this age; 0: never (old name: --rotate-period)',
  }),
  flag('key-order-priority <order>', {
    read: readChoice(KEY_ORDERS),
    initial: 'CertNotBefore',
    help: `time that determines the newest key: ${KEY_ORDERS.join(' or ')}`,
  }),
  flag('key-cutoff-time <date>', {
    read: readCutoff,
    initial: '',
    help: 'generate a new key if the newest one is older than this date (RFC1123Z)',
  }),
  flag('key-generation <when>', {
    read: readChoice(KEY_GENERATIONS),
    initial: 'auto',
    help: 'auto: generate and renew keys; never: only use existing keys',
  }),
  flag('privatekey-annotations <pairs>', {
    read: readPairs,
    initial: '',
    help: 'annotations for new keys: NAME=VALUE,NAME=VALUE',
  }),
  flag('privatekey-labels <pairs>', {
    read: readPairs,
    initial: '',
    help: 'labels for new keys: NAME=VALUE,NAME=VALUE',
  }),
  flag('keep-replaced-keys', {
    read: readBoolean,
    initial: 'true',
    help: 'when a key Secret is given another key, keep the old one in a Secret of its own',
  }),
  flag('key-record <name>', {
    read: readRecordName,
    initial: DEFAULT_KEY_RECORD,
    help: 'ConfigMap with public data about the sealing keys, in the namespace of the controller; empty: none',
  }),
  flag('watch-for-secrets', {
    read: readBoolean,
    initial: 'false',
    help: `${NO_EFFECT}: key Secrets are always watched`,
  }),
];

/** Flags for SealedSecrets and their Secrets. */
const RECONCILE_FLAGS = [
  flag('all-namespaces', {
    read: readBoolean,
    initial: 'true',
    help: 'unseal in all namespaces; false: only in the namespace of the controller',
  }),
  flag('additional-namespaces <a,b>', {
    read: readWords,
    initial: '',
    help: 'unseal only in these namespaces and in that of the controller; overrides --all-namespaces',
  }),
  flag('label-selector <selector>', {
    read: String,
    initial: '',
    help: 'only handle SealedSecrets that match this label selector',
  }),
  flag('old-gc-behavior', {
    read: readBoolean,
    initial: 'false',
    help: 'delete the Secret of a deleted SealedSecret instead of leaving it to garbage collection',
  }),
  flag('update-status', { read: readBoolean, initial: 'true', help: 'write the status of SealedSecrets' }),
  flag('skip-recreate', {
    read: readBoolean,
    initial: 'false',
    help: 'do not watch Secrets; reconcile only when the SealedSecret changes',
  }),
  flag('repair', {
    read: readBoolean,
    initial: 'true',
    help: 'restore Secrets that other clients have changed',
  }),
  flag('accept-deprecated-v1-data', {
    read: readBoolean,
    initial: 'true',
    help: 'also unseal the deprecated spec.data',
  }),
  flag('allow-privileged-secret-types', {
    read: readBoolean,
    initial: 'false',
    help: 'create Secrets of types that grant rights: service account and bootstrap tokens',
  }),
  flag('show-api-messages', {
    read: readBoolean,
    initial: 'false',
    help: "add the API server's message to the status when it rejects a Secret, with values redacted",
  }),
  flag('strict-templates', {
    read: readBoolean,
    initial: 'false',
    help: 'reject SealedSecrets whose templates refer to missing items',
  }),
  flag('max-unseal-retries <number>', {
    read: readInteger,
    initial: '5',
    help: `${NO_EFFECT}: failures that may be temporary are always retried`,
  }),
];

/** Flags for the HTTP servers and the API server. */
const CONNECTION_FLAGS = [
  flag('listen-addr <address>', {
    read: readAddress,
    initial: ':8080',
    help: 'address to serve HTTP on: HOST:PORT or :PORT',
  }),
  flag('listen-metrics-addr <address>', {
    read: readAddress,
    initial: ':8081',
    help: 'address to serve /metrics on: HOST:PORT or :PORT',
  }),
  flag('web-ui', {
    read: readBoolean,
    initial: 'false',
    help: 'serve the page that seals in a browser at /, and a copy to keep at /seal.html',
  }),
  flag('tls-cert-file <file>', {
    read: String,
    initial: '',
    help: 'serve HTTPS with this certificate, reloaded when the file changes',
  }),
  flag('tls-key-file <file>', { read: String, initial: '', help: 'private key of the TLS certificate' }),
  flag('read-timeout <duration>', {
    read: readDuration,
    initial: '2m',
    help: 'maximum time to receive a request; 0: no limit',
  }),
  flag('write-timeout <duration>', {
    read: readDuration,
    initial: '2m',
    help: 'maximum time to process a request and send the response; 0: no limit',
  }),
  flag('rate-limit <number>', {
    read: readInteger,
    initial: '2',
    help: 'verify requests per second and client; 0: no limit',
  }),
  flag('rate-limit-burst <number>', {
    read: readInteger,
    initial: '2',
    help: 'additional verify requests that a client may send at once',
  }),
  flag('kubeclient-qps <number>', {
    read: readNumber,
    initial: '0',
    help: 'requests to the API server per second; 0 or negative: as many as it takes',
  }),
  flag('kubeclient-burst <number>', {
    read: readInteger,
    initial: '1000',
    help: 'requests to the API server that may be sent at once before --kubeclient-qps limits them',
  }),
  new Option(
    '--kubeconfig <file>',
    'kubeconfig to use instead of the in-cluster configuration or the default kubeconfig',
  ),
  new Option('--context <name>', 'kubeconfig context to use'),
  flag('service-account-dir <dir>', {
    read: String,
    initial: SERVICE_ACCOUNT_DIR,
    help: "directory with the pod's token, ca.crt and namespace",
  }),
];

/** Flags for several replicas. They are named as those of kube-controller-manager. */
const LEADER_FLAGS = [
  flag('leader-elect', {
    read: readBoolean,
    initial: 'true',
    help: 'elect a leader among the replicas, which alone writes; false: there is only one replica',
  }),
  flag('leader-elect-lease-duration <duration>', {
    read: readPeriod,
    initial: '15s',
    help: 'how long the other replicas wait after the last renewal that they saw before one of them leads',
  }),
  flag('leader-elect-renew-deadline <duration>', {
    read: readPeriod,
    initial: '10s',
    help: 'how long the leader may write after its last renewal; less than the lease duration',
  }),
  flag('leader-elect-retry-period <duration>', {
    read: readPeriod,
    initial: '2s',
    help: 'how often the leader renews the Lease; at most 1/1.2 of the renew deadline',
  }),
  flag('leader-elect-resource-name <name>', {
    read: String,
    initial: 'sealed-secrets-controller',
    help: 'name of the Lease',
  }),
  flag('leader-elect-resource-namespace <name>', {
    read: String,
    initial: '',
    help: 'namespace of the Lease; by default that of the controller',
  }),
];

/** Flags for logs and metrics. */
const LOG_FLAGS = [
  flag('metrics-omit-secret-labels', {
    read: readBoolean,
    initial: 'false',
    help: 'omit the metrics that name SealedSecrets: condition_info',
  }),
  flag('log-level <level>', {
    read: readChoice(LOG_LEVELS),
    initial: 'INFO',
    help: `lowest level to log: ${LOG_LEVELS.join(' or ')}`,
  }),
  flag('log-format <format>', {
    read: readChoice(LOG_FORMATS),
    initial: 'text',
    help: `log format: ${LOG_FORMATS.join(' or ')}`,
  }),
  flag('log-info-stdout', {
    read: readBoolean,
    initial: 'true',
    help: 'log INFO to stdout and the rest to stderr; false: log everything to stderr',
  }),
  new Option('--version', 'print the version').default(false),
];

/** All flags of the controller. */
export const FLAGS: readonly Option[] = [
  ...KEY_FLAGS,
  ...RECONCILE_FLAGS,
  ...CONNECTION_FLAGS,
  ...LEADER_FLAGS,
  ...LOG_FLAGS,
];

/** How to read a flag. */
interface FlagOptions {
  readonly read: (text: string) => unknown;
  /** The default, as text. */
  readonly initial: string;
  readonly help: string;
}

/**
 * Returns a flag with its default, from its long name and the placeholder of its value. A flag without a placeholder is a
 * switch: it stands alone, or its value follows `=`.
 */
function flag(name: string, { read, initial, help }: FlagOptions): Option {
  const option = new Option(`--${name}${name.includes('<') ? '' : ' [boolean]'}`, help);
  return option.argParser(read).default(read(initial), initial || 'none');
}

function readKeySize(text: string): number {
  const bits = Number(text);
  if (!Number.isInteger(bits) || bits < 2048 || bits > 16384) {
    throw new InvalidArgumentError('Expected a number of bits from 2048 to 16384.');
  }
  return bits;
}

function readRecordName(text: string): string {
  if (text !== '' && !isName(text)) throw new InvalidArgumentError('Expected the name of a ConfigMap.');
  return text;
}

function readTtl(text: string): number {
  const ms = readPeriod(text);
  if (ms < 1000) throw new InvalidArgumentError('Expected at least 1s.');
  return ms;
}

function readCutoff(text: string): Date | undefined {
  return text === '' ? undefined : readDate(text);
}
