import { Command, CommanderError, InvalidArgumentError, type Option } from 'commander';
import type { Address } from './flag-values.ts';
import { FLAGS, OLD_NAMES, type LogFormat, type LogLevel } from './flags.ts';
import type { KeyGeneration, KeyOrder } from './keys/key-options.ts';

export interface Options {
  readonly keyPrefix: string;
  /** Size of the keys to make, in bits. */
  readonly keySize: number;
  /** How long the certificates of keys are valid, in milliseconds. */
  readonly keyTtl: number;
  /** The common name in the certificates of keys. */
  readonly myCn: string;
  /** After how many milliseconds the newest key is followed by a new one; 0: never. */
  readonly keyRenewPeriod: number;
  readonly keyOrderPriority: KeyOrder;
  /** A newest key from before this is followed by a new one. */
  readonly keyCutoffTime: Date | undefined;
  readonly keyGeneration: KeyGeneration;
  readonly privatekeyAnnotations: ReadonlyMap<string, string>;
  readonly privatekeyLabels: ReadonlyMap<string, string>;
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
  /** Of the files of a certificate and its key to serve with; both empty: plain HTTP. */
  readonly tlsCertFile: string;
  readonly tlsKeyFile: string;
  /** How long a request may take to arrive, in milliseconds; not positive: any time. */
  readonly readTimeout: number;
  /** How long an answer may take, in milliseconds; not positive: any time. */
  readonly writeTimeout: number;
  /** Verifications that a client may ask for in a second, and twenty times as many re-encryptions; not positive: no limit. */
  readonly rateLimit: number;
  /** How many of them at once, but for one. */
  readonly rateLimitBurst: number;
  readonly metricsOmitSecretLabels: boolean;
  /** Requests to the API server in a second; negative: no limit. */
  readonly kubeclientQps: number;
  /** How many of them at once. */
  readonly kubeclientBurst: number;
  readonly kubeconfig: string | undefined;
  readonly context: string | undefined;
  readonly serviceAccountDir: string;
  readonly logLevel: LogLevel;
  readonly logFormat: LogFormat;
  readonly logInfoStdout: boolean;
  readonly version: boolean;
}

/** Those that can be absent. */
type Optional = 'kubeconfig' | 'context' | 'keyCutoffTime';

/**
 * Reads the command line as Go's pflag does, and behind it the environment, where `SEALED_SECRETS_KEY_SIZE` stands for
 * `--key-size`. Throws `CommanderError`, whose exit code is 2 for a value that does not parse.
 */
export function parseOptions(argv: readonly string[], environment: NodeJS.ProcessEnv = {}): Options {
  const command = new Command('sealed-secrets-controller')
    .description('Turns SealedSecrets into Secrets.')
    // The `false` of `--update-status false` was always ignored.
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
  const { kubeconfig, context, keyCutoffTime } = flags;
  return { ...flags, kubeconfig, context, keyCutoffTime };
}

/** An old name becomes the new one; and the value of a switch stands behind `=`, never in the next word. */
function normalized(word: string): string {
  const [, name = '', value = ''] = /^--([^=]+)(=[^]*)?$/.exec(word) ?? [];
  const now = OLD_NAMES.get(name) ?? name;
  const flag = FLAGS.find((each) => each.name() === now);
  if (flag === undefined) return word;
  return `--${now}${flag.optional && value === '' ? '=true' : value}`;
}

/**
 * Sets what the command line does not. An empty variable is none; and so is one that is named after no flag: beside a
 * Service named "sealed-secrets" Kubernetes itself sets some of that prefix.
 */
function readEnvironment(command: Command, environment: NodeJS.ProcessEnv): void {
  for (const flag of FLAGS) {
    const takesValue = flag.required || flag.optional;
    const name = variablesOf(flag).find((each) => environment[each]);
    const text = name === undefined ? undefined : environment[name];
    const typed = command.getOptionValueSource(flag.attributeName()) === 'cli';
    if (takesValue && !typed && name !== undefined && text !== undefined) {
      command.setOptionValueWithSource(flag.attributeName(), valueOf(command, flag, name, text), 'env');
    }
  }
}

function valueOf(command: Command, flag: Option, name: string, text: string): unknown {
  try {
    return flag.parseArg ? flag.parseArg<unknown>(text, undefined) : text;
  } catch (error) {
    if (!(error instanceof InvalidArgumentError)) throw error;
    const { message, code } = error;
    const words = `error: option '${flag.flags}' value '${text}' from env '${name}' is invalid. ${message}`;
    return command.error(words, { code });
  }
}

/** The variables that may set a flag; the first one that is set counts. */
function variablesOf(flag: Option): string[] {
  const old = [...OLD_NAMES].flatMap(([before, now]) => (now === flag.name() ? [before] : []));
  const names = [flag.name(), ...old];
  return names.map((name) => `SEALED_SECRETS_${name.replaceAll('-', '_').toUpperCase()}`);
}
