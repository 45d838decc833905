import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { bundleController } from '../../build/controller-bundle.ts';
import { DIST } from '../../build/package.ts';
import { imageConfig } from '../../test/support/image.ts';

/** The addresses and files of one start of a controller. */
export interface Place {
  /** The folder with the token of its ServiceAccount. */
  readonly account: string;
  readonly address: string;
  readonly metricsAddress: string;
  /** The namespaces for `--additional-namespaces`; empty: it watches all. */
  readonly namespaces: readonly string[];
}

/** A controller to measure. */
export interface Program {
  readonly name: string;
  /** Whether it is this project's, whose metrics are known. */
  readonly isOwn: boolean;
  command(place: Place): readonly string[];
  readonly env: NodeJS.ProcessEnv;
}

/** Bundles this project's controller as for its image, and returns how the image starts it, with this Node. */
export async function ownProgram(): Promise<Program> {
  const folder = join(DIST, 'bench-controller');
  await bundleController(folder);
  const file = join(folder, 'controller.js');
  const [firstLine = ''] = readFileSync(file, 'utf8').split('\n', 1);
  const flags = firstLine.split(' ').filter((word) => word.startsWith('--'));
  return {
    name: 'this controller',
    isOwn: true,
    env: { NODE_OPTIONS: imageConfig().nodeOptions },
    command: ({ account, address, metricsAddress, namespaces }) => [
      ...[process.execPath, ...flags, file],
      ...['--service-account-dir', account, '--listen-addr', address],
      ...['--listen-metrics-addr', metricsAddress],
      ...(namespaces.length === 0 ? [] : ['--additional-namespaces', namespaces.join(',')]),
    ],
  };
}

/** Puts the token where Kubernetes mounts it, for this process alone, and runs a command line. */
const MOUNTED = `set -e
mount -t tmpfs none /var/run
mkdir -p /var/run/secrets/kubernetes.io
ln -s "$1" /var/run/secrets/kubernetes.io/serviceaccount
NAMESPACES=$2
eval "exec $3"`;

/**
 * Returns another controller. Its command line is for the shell; `$NAMESPACES` in it stands for the additional
 * namespaces, with commas between them. It finds the API server and its token as a pod does.
 */
export function otherProgram(name: string, commandLine: string): Program {
  if (!existsSync('/var/run')) throw new Error('another controller needs Linux, for its token in /var/run');
  return {
    name,
    isOwn: false,
    env: {},
    command: ({ account, namespaces }) => [
      ...['unshare', '--mount', 'sh', '-c', MOUNTED, 'sh'],
      ...[account, namespaces.join(','), commandLine],
    ],
  };
}
