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
const ACCEPTED = 'accepted, without effect';

/** Flags for sealing keys. */
const KEY_FLAGS = [
  flag('key-prefix <name>', String, DEFAULT_KEY_PREFIX, 'prefix of the names of sealing keys'),
  flag('key-size <bits>', readKeySize, '4096', 'size of the keys to make'),
  flag('key-ttl <duration>', readTtl, '87600h', "validity of a new key's certificate"),
  flag('my-cn <name>', String, '', "common name in a new key's certificate"),
  flag(
    'key-renew-period <duration>',
    readPeriod,
    '720h',
    'age of the newest key at which a new one is made; 0: never (old name: --rotate-period)',
  ),
  flag(
    'key-order-priority <order>',
    readChoice(KEY_ORDERS),
    'CertNotBefore',
    `what makes a key the newest: ${KEY_ORDERS.join(' or ')}`,
  ),
  flag(
    'key-cutoff-time <date>',
    readCutoff,
    '',
    'a newest key from before this date (RFC1123Z) is followed by a new one',
  ),
  flag(
    'key-generation <when>',
    readChoice(KEY_GENERATIONS),
    'auto',
    'auto: keys are made and renewed; never: only keys that are brought are used',
  ),
  flag('privatekey-annotations <pairs>', readPairs, '', 'annotations of new keys: NAME=VALUE,NAME=VALUE'),
  flag('privatekey-labels <pairs>', readPairs, '', 'labels of new keys: NAME=VALUE,NAME=VALUE'),
  flag('watch-for-secrets', readBoolean, 'false', 'of no effect: key Secrets are always watched'),
];

/** Flags for SealedSecrets and their Secrets. */
const RECONCILE_FLAGS = [
  flag('all-namespaces', readBoolean, 'true', 'unseal in all namespaces, or in its own alone'),
  flag(
    'additional-namespaces <a,b>',
    readWords,
    '',
    'unseal in its own namespace and these, whatever --all-namespaces says',
  ),
  flag('label-selector <selector>', String, '', 'take care only of the SealedSecrets that it matches'),
  flag('old-gc-behavior', readBoolean, 'false', 'delete the Secret of a SealedSecret that was deleted'),
  flag('update-status', readBoolean, 'true', 'write the status of SealedSecrets'),
  flag('skip-recreate', readBoolean, 'false', 'look at no Secret but when its SealedSecret changes'),
  flag('repair', readBoolean, 'true', 'restore what others change in a Secret'),
  flag('accept-deprecated-v1-data', readBoolean, 'true', 'unseal the deprecated spec.data too'),
  flag(
    'allow-privileged-secret-types',
    readBoolean,
    'false',
    'make Secrets whose type gives powers: service account and bootstrap tokens',
  ),
  flag(
    'show-api-messages',
    readBoolean,
    'false',
    "add the API server's words to the status when it refuses a Secret, with values replaced",
  ),
  flag(
    'strict-templates',
    readBoolean,
    'false',
    'refuse a SealedSecret with a template that refers to an item that does not exist',
  ),
  flag('max-unseal-retries <number>', readInteger, '5', `${ACCEPTED}: what can heal is tried for ever`),
];

/** Flags for the HTTP servers and the API server. */
const CONNECTION_FLAGS = [
  flag('listen-addr <address>', readAddress, ':8080', 'where to serve HTTP: HOST:PORT or :PORT'),
  flag('listen-metrics-addr <address>', readAddress, ':8081', 'where to serve /metrics: HOST:PORT or :PORT'),
  flag('tls-cert-file <file>', String, '', 'serve HTTPS with this certificate, read again when it changes'),
  flag('tls-key-file <file>', String, '', 'the key of that certificate'),
  flag('read-timeout <duration>', readDuration, '2m', 'how long a request may take to arrive; 0: any time'),
  flag('write-timeout <duration>', readDuration, '2m', 'how long an answer may take; 0: any time'),
  flag('rate-limit <number>', readInteger, '2', 'verifications in a second for each client; 0: no limit'),
  flag('rate-limit-burst <number>', readInteger, '2', 'how many more of them may come at once'),
  flag('kubeclient-qps <number>', readNumber, '500', 'requests in a second; negative: no limit'),
  flag('kubeclient-burst <number>', readInteger, '1000', 'requests at once'),
  new Option('--kubeconfig <file>', 'use this kubeconfig; else the pod, then the usual kubeconfig'),
  new Option('--context <name>', 'the kubeconfig context to use'),
  flag(
    'service-account-dir <dir>',
    String,
    SERVICE_ACCOUNT_DIR,
    "where the pod's token, ca.crt and namespace are",
  ),
];

/** Flags for logs and metrics. */
const LOG_FLAGS = [
  flag(
    'metrics-omit-secret-labels',
    readBoolean,
    'false',
    'leave out the metrics that name SealedSecrets: condition_info',
  ),
  flag('log-level <level>', readChoice(LOG_LEVELS), 'INFO', `what to log: ${LOG_LEVELS.join(' or ')}`),
  flag('log-format <format>', readChoice(LOG_FORMATS), 'text', `how to log: ${LOG_FORMATS.join(' or ')}`),
  flag('log-info-stdout', readBoolean, 'true', 'log on stdout what is no error; else all goes to stderr'),
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
    throw new InvalidArgumentError('It is a number of bits from 2048 to 16384.');
  }
  return bits;
}

function readTtl(text: string): number {
  const ms = readPeriod(text);
  if (ms < 1000) throw new InvalidArgumentError('It is a second at the least.');
  return ms;
}

function readCutoff(text: string): Date | undefined {
  return text === '' ? undefined : readDate(text);
}
