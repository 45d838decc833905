import { Command, CommanderError, InvalidArgumentError, Option } from 'commander';
import { escaped, fail } from '../shared/errors.ts';
import type { Format } from '../shared/manifest/write.ts';
import { SCOPES, type Scope } from '../shared/seal/scope.ts';

/** The command line, read once. Absent flags are undefined. */
export interface Options {
  readonly mode: Mode;
  readonly secretFile: string | undefined;
  readonly sealedSecretFile: string | undefined;
  readonly format: Format | undefined;
  readonly cert: string | undefined;
  readonly scope: Scope | undefined;
  readonly name: string | undefined;
  readonly namespace: string | undefined;
  readonly kubeconfig: string | undefined;
  readonly context: string | undefined;
  readonly controllerName: string;
  readonly controllerNamespace: string;
  readonly recoveryPrivateKeys: readonly string[];
  /** Words on the command line that no flag takes. */
  readonly ignored: readonly string[];
}

export type Mode = 'version' | 'seal' | 'fetch-cert' | 'recovery-unseal';

/** Thrown when there is nothing to run: the text was already printed. */
export class Finished extends Error {
  readonly exitCode: number;

  constructor(exitCode: number) {
    super();
    this.exitCode = exitCode;
  }
}

/** Flags as commander gives them, before modes are told apart. */
interface Flags {
  secretFile?: string;
  sealedSecretFile?: string;
  format?: Format;
  cert?: string;
  scope?: Scope;
  name?: string;
  namespace?: string;
  kubeconfig?: string;
  context?: string;
  controllerName: string;
  controllerNamespace: string;
  fetchCert?: true;
  recoveryUnseal?: true;
  recovery?: true;
  recoveryPrivateKey?: string[];
  privateKey?: string[];
  version?: true;
}

/**
 * Reads the command line. Throws `Usage` for flags that do not go together, and `Finished` where help was asked
 * for (0) or a flag does not parse (2).
 */
export function parseOptions(argv: readonly string[]): Options {
  const command = commandLine();
  try {
    command.parse(normalized(argv, command), { from: 'user' });
  } catch (error) {
    // Commander has printed what is wrong; the reference exits with 2 for a flag that does not parse.
    if (error instanceof CommanderError) throw new Finished(error.exitCode === 0 ? 0 : 2);
    throw error;
  }
  const flags = command.opts<Flags>();
  const mode = modeOf(flags);
  const recoveryPrivateKeys = [...(flags.recoveryPrivateKey ?? []), ...(flags.privateKey ?? [])];
  if (mode === 'recovery-unseal' && recoveryPrivateKeys.length === 0) {
    fail({ code: 'Usage', problem: '--recovery-unseal needs --recovery-private-key FILE' });
  }
  if (mode !== 'recovery-unseal' && recoveryPrivateKeys.length > 0) {
    fail({ code: 'Usage', problem: '--recovery-private-key goes with --recovery-unseal' });
  }
  return {
    mode,
    secretFile: flags.secretFile,
    sealedSecretFile: flags.sealedSecretFile,
    format: flags.format,
    cert: flags.cert,
    scope: flags.scope,
    name: flags.name,
    namespace: flags.namespace,
    kubeconfig: flags.kubeconfig,
    context: flags.context,
    controllerName: flags.controllerName,
    controllerNamespace: flags.controllerNamespace,
    recoveryPrivateKeys,
    ignored: command.args,
  };
}

/** As Go's flags: `-o=yaml` is `-o yaml`, and a flag with an empty value is as good as absent. */
function normalized(argv: readonly string[], command: Command): string[] {
  const takesValue = new Set(
    command.options.filter(({ required }) => required).flatMap(({ short, long }) => [short, long]),
  );
  const words = argv.flatMap((word) =>
    /^-[a-zA-Z]=/.test(word) ? [word.slice(0, 2), word.slice(3)] : [word],
  );
  return words.filter((word, i) => {
    const empty = takesValue.has(word) && words[i + 1] === '';
    const itsValue = word === '' && takesValue.has(words[i - 1]);
    return !empty && !itsValue && !(word.endsWith('=') && takesValue.has(word.slice(0, -1)));
  });
}

/** Commander's message in one line, without the value behind an unknown flag: it may be a password. */
function oneLine(text: string): string {
  return `${escaped(
    text
      .trim()
      .replaceAll('\n', ' ')
      .replace(/'(--?[^'=]+)=[^']*'/, "'$1'"),
  )}\n`;
}

function modeOf(flags: Flags): Mode {
  if (flags.version) return 'version';
  const recover = flags.recoveryUnseal ?? flags.recovery;
  if (recover && flags.fetchCert) {
    fail({ code: 'Usage', problem: '--recovery-unseal and --fetch-cert are two modes: give one' });
  }
  if (recover) return 'recovery-unseal';
  return flags.fetchCert ? 'fetch-cert' : 'seal';
}

function commandLine(): Command {
  return new Command('kubeseal')
    .description('Seals Kubernetes Secrets, so that they can be kept in Git.')
    .usage('[flags] < secret.yaml > sealed.json')
    .allowExcessArguments(true)
    .helpOption('-h, --help', 'show this help')
    .configureOutput({
      outputError: (text, write) => write(oneLine(text)),
    })
    .exitOverride()
    .optionsGroup('Input and output:')
    .option('-f, --secret-file <file>', 'read from this file instead of stdin')
    .option(
      '-w, --sealed-secret-file <file>',
      'write to this file instead of stdout; .yaml and .yml mean YAML',
    )
    .addOption(
      new Option('-o, --format <format>', 'output format: json or yaml (default: json)').argParser(format),
    )
    .optionsGroup('Sealing:')
    .option('--cert <file|url>', 'seal with this certificate, without asking a cluster')
    .addOption(new Option('--scope <scope>', 'where the SealedSecret may be unsealed').choices(SCOPES))
    .option('--name <name>', 'name of the SealedSecret, instead of the one in the Secret')
    .option('-n, --namespace <namespace>', 'namespace of the SealedSecret, where the Secret names none')
    .option('--fetch-cert', "print the cluster's certificate")
    .optionsGroup('Recovery, without a cluster:')
    .option('--recovery-unseal', 'decrypt SealedSecrets with the private key')
    .option('--recovery-private-key <file>', 'PEM key, or the key Secret from the cluster; repeatable', files)
    .addOption(new Option('--recovery', 'the same as --recovery-unseal').hideHelp())
    .addOption(new Option('--private-key <file>', 'as --recovery-private-key').argParser(files).hideHelp())
    .optionsGroup('Cluster:')
    .option('--controller-name <name>', "the controller's Service", 'sealed-secrets-controller')
    .option('--controller-namespace <namespace>', "the controller's namespace", 'kube-system')
    .option('--kubeconfig <file>', 'the kubeconfig to use')
    .option('--context <name>', 'the kubeconfig context to use')
    .optionsGroup('Other:')
    .option('--version', 'print the version');
}

function format(value: string): Format {
  const lower = value.toLowerCase();
  if (lower !== 'json' && lower !== 'yaml') throw new InvalidArgumentError('It is json or yaml.');
  return lower;
}

function files(value: string, before: string[] = []): string[] {
  return [...before, ...value.split(',').filter((file) => file !== '')];
}
