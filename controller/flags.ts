import { InvalidArgumentError, Option } from 'commander';
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
  flag('key-prefix <name>', String, DEFAULT_KEY_PREFIX, 'name prefix of key Secrets'),
  flag('key-size <bits>', readKeySize, '4096', 'size of new keys, in bits'),
  flag('key-ttl <duration>', readTtl, '87600h', "validity of a new key's certificate"),
  flag('my-cn <name>', String, '', "common name in a new key's certificate"),
  flag(
    'key-renew-period <duration>',
    readPeriod,
    '720h',
    'generate a new key when the newest one reaches this age; 0: never (old name: --rotate-period)',
  ),
  flag(
    'key-order-priority <order>',
    readChoice(KEY_ORDERS),
    'CertNotBefore',
    `time that determines the newest key: ${KEY_ORDERS.join(' or ')}`,
  ),
  flag(
    'key-cutoff-time <date>',
    readCutoff,
    '',
    'generate a new key if the newest one is older than this date (RFC1123Z)',
  ),
  flag(
    'key-generation <when>',
    readChoice(KEY_GENERATIONS),
    'auto',
    'auto: generate and renew keys; never: only use existing keys',
  ),
  flag('privatekey-annotations <pairs>', readPairs, '', 'annotations for new keys: NAME=VALUE,NAME=VALUE'),
  flag('privatekey-labels <pairs>', readPairs, '', 'labels for new keys: NAME=VALUE,NAME=VALUE'),
  flag('watch-for-secrets', readBoolean, 'false', `${NO_EFFECT}: key Secrets are always watched`),
];

/** Flags for SealedSecrets and their Secrets. */
const RECONCILE_FLAGS = [
  flag(
    'all-namespaces',
    readBoolean,
    'true',
    'unseal in all namespaces; false: only in the namespace of the controller',
  ),
  flag(
    'additional-namespaces <a,b>',
    readWords,
    '',
    'unseal only in these namespaces and in that of the controller; overrides --all-namespaces',
  ),
  flag('label-selector <selector>', String, '', 'only handle SealedSecrets that match this label selector'),
  flag(
    'old-gc-behavior',
    readBoolean,
    'false',
    'delete the Secret of a deleted SealedSecret instead of leaving it to garbage collection',
  ),
  flag('update-status', readBoolean, 'true', 'write the status of SealedSecrets'),
  flag(
    'skip-recreate',
    readBoolean,
    'false',
    'do not watch Secrets; reconcile only when the SealedSecret changes',
  ),
  flag('repair', readBoolean, 'true', 'restore Secrets that other clients have changed'),
  flag('accept-deprecated-v1-data', readBoolean, 'true', 'also unseal the deprecated spec.data'),
  flag(
    'allow-privileged-secret-types',
    readBoolean,
    'false',
    'create Secrets of types that grant rights: service account and bootstrap tokens',
  ),
  flag(
    'show-api-messages',
    readBoolean,
    'false',
    "add the API server's message to the status when it rejects a Secret, with values redacted",
  ),
  flag(
    'strict-templates',
    readBoolean,
    'false',
    'reject SealedSecrets whose templates refer to missing items',
  ),
  flag(
    'max-unseal-retries <number>',
    readInteger,
    '5',
    `${NO_EFFECT}: failures that may be temporary are always retried`,
  ),
];

/** Flags for the HTTP servers and the API server. */
const CONNECTION_FLAGS = [
  flag('listen-addr <address>', readAddress, ':8080', 'address to serve HTTP on: HOST:PORT or :PORT'),
  flag(
    'listen-metrics-addr <address>',
    readAddress,
    ':8081',
    'address to serve /metrics on: HOST:PORT or :PORT',
  ),
  flag(
    'tls-cert-file <file>',
    String,
    '',
    'serve HTTPS with this certificate, reloaded when the file changes',
  ),
  flag('tls-key-file <file>', String, '', 'private key of the TLS certificate'),
  flag('read-timeout <duration>', readDuration, '2m', 'maximum time to receive a request; 0: no limit'),
  flag(
    'write-timeout <duration>',
    readDuration,
    '2m',
    'maximum time to process a request and send the response; 0: no limit',
  ),
  flag('rate-limit <number>', readInteger, '2', 'verify requests per second and client; 0: no limit'),
  flag(
    'rate-limit-burst <number>',
    readInteger,
    '2',
    'additional verify requests that a client may send at once',
  ),
  flag(
    'kubeclient-qps <number>',
    readNumber,
    '500',
    'requests to the API server per second; negative: no limit',
  ),
  flag(
    'kubeclient-burst <number>',
    readInteger,
    '1000',
    'requests to the API server that may be sent at once',
  ),
  new Option(
    '--kubeconfig <file>',
    'kubeconfig to use instead of the in-cluster configuration or the default kubeconfig',
  ),
  new Option('--context <name>', 'kubeconfig context to use'),
  flag(
    'service-account-dir <dir>',
    String,
    SERVICE_ACCOUNT_DIR,
    "directory with the pod's token, ca.crt and namespace",
  ),
];

/** Flags for logs and metrics. */
const LOG_FLAGS = [
  flag(
    'metrics-omit-secret-labels',
    readBoolean,
    'false',
    'omit the metrics that name SealedSecrets: condition_info',
  ),
  flag(
    'log-level <level>',
    readChoice(LOG_LEVELS),
    'INFO',
    `lowest level to log: ${LOG_LEVELS.join(' or ')}`,
  ),
  flag('log-format <format>', readChoice(LOG_FORMATS), 'text', `log format: ${LOG_FORMATS.join(' or ')}`),
  flag(
    'log-info-stdout',
    readBoolean,
    'true',
    'log INFO to stdout and the rest to stderr; false: log everything to stderr',
  ),
  new Option('--version', 'print the version').default(false),
];

/** All flags of the controller. */
export const FLAGS: readonly Option[] = [...KEY_FLAGS, ...RECONCILE_FLAGS, ...CONNECTION_FLAGS, ...LOG_FLAGS];

/**
 * Returns a flag with its default, as text. A flag without a placeholder is a switch: it stands alone, or its value
 * follows `=`.
 */
function flag(name: string, read: (text: string) => unknown, initial: string, help: string): Option {
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

function readTtl(text: string): number {
  const ms = readPeriod(text);
  if (ms < 1000) throw new InvalidArgumentError('Expected at least 1s.');
  return ms;
}

function readCutoff(text: string): Date | undefined {
  return text === '' ? undefined : readDate(text);
}
