import { Command, CommanderError, InvalidArgumentError, type Option } from 'commander';
import type { Address } from './flag-values.ts';
import { FLAGS, OLD_NAMES, type LogFormat, type LogLevel } from './flags.ts';
import { timingProblem, type ElectionTiming } from './leaderelection/settings.ts';
import type { KeyGeneration, KeyOrder } from './keys/key-options.ts';

/** The parsed command line and environment. */
export interface Options {
  /** The prefix of the names of key Secrets. */
  readonly keyPrefix: string;
  /** Size of generated keys, in bits. */
  readonly keySize: number;
  /** How long the certificates of generated keys are valid, in ms. */
  readonly keyTtl: number;
  /** The common name in the certificates of generated keys. */
  readonly myCn: string;
  /** The age at which the newest key is renewed, in ms; 0: never. */
  readonly keyRenewPeriod: number;
  readonly keyOrderPriority: KeyOrder;
  /** The newest key is renewed if it is older than this; undefined: no cutoff. */
  readonly keyCutoffTime: Date | undefined;
  readonly keyGeneration: KeyGeneration;
  readonly privatekeyAnnotations: ReadonlyMap<string, string>;
  readonly privatekeyLabels: ReadonlyMap<string, string>;
  /** Whether to keep a key whose Secret is given another one in a Secret of its own. */
  readonly keepReplacedKeys: boolean;
  /** The name of the ConfigMap with the key record; empty: none. */
  readonly keyRecord: string;
  readonly allNamespaces: boolean;
  readonly additionalNamespaces: readonly string[];
  readonly labelSelector: string;
  readonly oldGcBehavior: boolean;
  readonly updateStatus: boolean;
  readonly skipRecreate: boolean;
  readonly repair: boolean;
  readonly acceptDeprecatedV1Data: boolean;
  readonly allowPrivilegedSecretTypes: boolean;
  readonly showApiMessages: boolean;
  readonly strictTemplates: boolean;
  readonly listenAddr: Address;
  readonly listenMetricsAddr: Address;
  /** Whether to serve the page that seals in a browser. */
  readonly webUi: boolean;
  /** The files of the TLS certificate and its key; both empty: plain HTTP. */
  readonly tlsCertFile: string;
  readonly tlsKeyFile: string;
  /** How long a request may take to arrive, in ms; not positive: no limit. */
  readonly readTimeout: number;
  /** How long an answer may take, in ms; not positive: no limit. */
  readonly writeTimeout: number;
  /** Verifications per second and client; twenty times as many re-encryptions. Not positive: no limit. */
  readonly rateLimit: number;
  /** How many further verifications a client may send at once. */
  readonly rateLimitBurst: number;
  readonly metricsOmitSecretLabels: boolean;
  /** Requests to the API server per second; not positive: as many as it takes. */
  readonly kubeclientQps: number;
  /** How many requests to the API server may be sent at once before that rate limits them. */
  readonly kubeclientBurst: number;
  readonly kubeconfig: string | undefined;
  readonly context: string | undefined;
  readonly serviceAccountDir: string;
  readonly leaderElect: boolean;
  /** How long other replicas wait after the last renewal that they saw, in ms. */
  readonly leaderElectLeaseDuration: number;
  /** How long the leader may write after its last renewal, in ms. */
  readonly leaderElectRenewDeadline: number;
  /** How long the leader waits between renewals, in ms. */
  readonly leaderElectRetryPeriod: number;
  readonly leaderElectResourceName: string;
  /** Empty: the namespace of the controller. */
  readonly leaderElectResourceNamespace: string;
  readonly logLevel: LogLevel;
  readonly logFormat: LogFormat;
  readonly logInfoStdout: boolean;
  readonly version: boolean;
}

/** The options that may be undefined. */
type Optional = 'kubeconfig' | 'context' | 'keyCutoffTime';

/**
 * Reads the command line as Go's pflag does, and then the environment for flags that are not given:
 * `SEALED_SECRETS_KEY_SIZE` sets `--key-size`. Throws `CommanderError`, whose exit code is 2 for a value that cannot be
 * parsed.
 */
export function parseOptions(argv: readonly string[], environment: NodeJS.ProcessEnv = {}): Options {
  const command = new Command('sealed-secrets-controller')
    .description('Unseals SealedSecrets into Secrets.')
    // As in the reference, the `false` of `--update-status false` is ignored.
    .allowExcessArguments(true)
    .helpOption('-h, --help', 'show this help')
    .configureOutput({ outputError: (text, write) => write(`${text.trim().replaceAll('\n', ' ')}\n`) })
    .exitOverride((error) => {
      throw new CommanderError(error.exitCode === 0 ? 0 : 2, error.code, error.message);
    });
  for (const flag of FLAGS) command.addOption(flag);
  command.parse(argv.map(normalized), { from: 'user' });
  readEnvironment(command, environment);
  const flags = command.opts<Omit<Options, Optional> & { [Name in Optional]?: NonNullable<Options[Name]> }>();
  const problem = flags.leaderElect ? timingProblem(electionTiming(flags)) : undefined;
  if (problem !== undefined) command.error(`error: ${problem}`);
  const { kubeconfig, context, keyCutoffTime } = flags;
  return { ...flags, kubeconfig, context, keyCutoffTime };
}

/** The flags for the timing of the leader election. */
type TimingFlags = Pick<
  Options,
  'leaderElectLeaseDuration' | 'leaderElectRenewDeadline' | 'leaderElectRetryPeriod'
>;

/** Returns the timing of the leader election. */
export function electionTiming(options: TimingFlags): ElectionTiming {
  return {
    leaseDuration: options.leaderElectLeaseDuration,
    renewDeadline: options.leaderElectRenewDeadline,
    retryPeriod: options.leaderElectRetryPeriod,
  };
}

/** Replaces an old name by the current one, and lets a switch take its value only after `=`, never from the next word. */
function normalized(word: string): string {
  const [, name = '', value = ''] = /^--([^=]+)(=[^]*)?$/.exec(word) ?? [];
  const current = OLD_NAMES.get(name) ?? name;
  const flag = FLAGS.find((each) => each.name() === current);
  if (flag === undefined) return word;
  return `--${current}${flag.optional && value === '' ? '=true' : value}`;
}

/**
 * Sets the flags that the command line does not. Ignores empty variables, and variables that belong to no flag: for a
 * Service named "sealed-secrets", Kubernetes itself sets some with that prefix.
 */
function readEnvironment(command: Command, environment: NodeJS.ProcessEnv): void {
  for (const flag of FLAGS) {
    const takesValue = flag.required || flag.optional;
    const name = variablesOf(flag).find((each) => environment[each]);
    const text = name === undefined ? undefined : environment[name];
    const isOnCommandLine = command.getOptionValueSource(flag.attributeName()) === 'cli';
    if (takesValue && !isOnCommandLine && name !== undefined && text !== undefined) {
      command.setOptionValueWithSource(flag.attributeName(), valueOf(command, flag, { name, text }), 'env');
    }
  }
}

/** Parses the variable that sets a flag. */
function valueOf(
  command: Command,
  flag: Option,
  { name, text }: { readonly name: string; readonly text: string },
): unknown {
  try {
    return flag.parseArg ? flag.parseArg<unknown>(text, undefined) : text;
  } catch (error) {
    if (!(error instanceof InvalidArgumentError)) throw error;
    const { message, code } = error;
    const words = `error: option '${flag.flags}' value '${text}' from env '${name}' is invalid. ${message}`;
    return command.error(words, { code });
  }
}

/** Returns the variables that may set a flag. The first one that is set counts. */
function variablesOf(flag: Option): string[] {
  const oldNames = [...OLD_NAMES].flatMap(([old, current]) => (current === flag.name() ? [old] : []));
  const names = [flag.name(), ...oldNames];
  return names.map((name) => `SEALED_SECRETS_${name.replaceAll('-', '_').toUpperCase()}`);
}
