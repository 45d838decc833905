import { Command, CommanderError, InvalidArgumentError } from 'commander';
import { SERVICE_ACCOUNT_DIR } from '../shared/cluster/in-cluster.ts';

export interface Options {
  readonly keyPrefix: string;
  /** Size of the keys to make, in bits. */
  readonly keySize: number;
  readonly listenAddr: Address;
  readonly kubeconfig: string | undefined;
  readonly context: string | undefined;
  readonly serviceAccountDir: string;
  readonly version: boolean;
}

export interface Address {
  /** Absent: every address of the machine. */
  readonly host: string | undefined;
  readonly port: number;
}

/** Reads the command line. Throws `CommanderError`, whose exit code is 2 for a flag that does not parse. */
export function parseOptions(argv: readonly string[]): Options {
  const command = new Command('sealed-secrets-controller')
    .description('Turns SealedSecrets into Secrets.')
    .helpOption('-h, --help', 'show this help')
    .configureOutput({ outputError: (text, write) => write(`${text.trim().replaceAll('\n', ' ')}\n`) })
    .exitOverride((error) => {
      throw new CommanderError(error.exitCode === 0 ? 0 : 2, error.code, error.message);
    })
    .option('--key-prefix <name>', 'prefix of the names of sealing keys', 'sealed-secrets-key')
    .option('--key-size <bits>', 'size of the keys to make', keySize, 4096)
    .option('--listen-addr <address>', 'where to serve HTTP: HOST:PORT or :PORT', address, address(':8080'))
    .option('--kubeconfig <file>', 'use this kubeconfig; else the pod, then the usual kubeconfig')
    .option('--context <name>', 'the kubeconfig context to use')
    .option(
      '--service-account-dir <dir>',
      "where the pod's token, ca.crt and namespace are",
      SERVICE_ACCOUNT_DIR,
    )
    .option('--version', 'print the version', false)
    .parse([...argv], { from: 'user' });
  const flags = command.opts<
    Omit<Options, 'kubeconfig' | 'context'> & { kubeconfig?: string; context?: string }
  >();
  return { ...flags, kubeconfig: flags.kubeconfig, context: flags.context };
}

function keySize(value: string): number {
  const bits = Number(value);
  if (!Number.isInteger(bits) || bits < 2048 || bits > 16384) {
    throw new InvalidArgumentError('It is a number of bits from 2048 to 16384.');
  }
  return bits;
}

function address(value: string): Address {
  const match = /^(?:\[([0-9a-fA-F:.]+)\]|([^:[\]]*)):([0-9]{1,5})$/.exec(value);
  const port = Number(match?.[3]);
  if (!match || port > 65535) throw new InvalidArgumentError('It is HOST:PORT or :PORT.');
  const host = match[1] ?? match[2];
  return { host: host === '' ? undefined : host, port };
}
