/**
 * Runs tests in a separate network namespace, with one address that is not loopback.
 *
 * The API service proxy, through which `kubeseal` fetches the certificate, rejects loopback and link-local addresses
 * of pods. On a machine without any other address, or behind a firewall, a namespace provides an isolated one. It has
 * no route out: find or build the binaries before entering.
 */
import { spawn, spawnSync } from 'node:child_process';
import { constants, networkInterfaces } from 'node:os';

const address = '10.77.0.1';
const marker = 'CONTROL_PLANE_NETWORK';
const setUp = `ip link set lo up && ip addr add ${address}/32 dev lo`;

/** With root, so that tests can become any user; otherwise in a user namespace, which has only one user. */
const ways = ['-n', '-rn'] as const;

/**
 * Runs a command, by default the one this process was started with, inside a network namespace.
 *
 *     const status = await enterOwnNetwork();
 *     if (status !== null) process.exit(status);
 *     // from here on inside the namespace, or on the host where namespaces are not permitted
 *
 * @returns the exit status of the command (128 + number after a signal), or null when there is nothing to
 *   wait for: this process is inside already, or the machine does not permit it
 */
export async function enterOwnNetwork(
  command: readonly string[] = [process.execPath, ...process.execArgv, ...process.argv.slice(1)],
): Promise<number | null> {
  if (insideOwnNetwork()) return null;
  const way = ways.find((flags) => spawnSync('unshare', [flags, 'sh', '-c', setUp]).status === 0);
  if (way === undefined) return null;

  // unshare and sh exec, so the child's pid is the command's, and signals reach it.
  const child = spawn('unshare', [way, 'sh', '-c', `${setUp} && exec "$@"`, 'sh', ...command], {
    stdio: 'inherit',
    env: { ...process.env, [marker]: address },
  });
  const forward = (signal: NodeJS.Signals): void => {
    // A terminal has already sent Ctrl-C to the command; a second one often means "now, without cleaning up".
    if (signal !== 'SIGINT' || !process.stdin.isTTY) child.kill(signal);
  };
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
  for (const signal of signals) process.on(signal, forward);
  try {
    return await new Promise<number>((resolve, reject) => {
      child.on('error', reject).on('exit', (status, signal) => {
        resolve(status ?? 128 + (signal === null ? 0 : constants.signals[signal]));
      });
    });
  } finally {
    for (const signal of signals) process.off(signal, forward);
  }
}

/** Whether this process runs in a namespace made by {@link enterOwnNetwork}. */
export function insideOwnNetwork(): boolean {
  // The variable alone could come from a shell that was started inside and outlived the namespace.
  return process.env[marker] === address && addresses(true).includes(address);
}

/**
 * Returns an IPv4 address at which a server in this process can act as a pod: the namespace's, else the host's first
 * that is neither loopback nor link-local, else null.
 */
export function podAddress(): string | null {
  if (insideOwnNetwork()) return address;
  return addresses(false).find((each) => !each.startsWith('169.254.')) ?? null;
}

function addresses(internal: boolean): string[] {
  return Object.values(networkInterfaces())
    .flatMap((list) => list ?? [])
    .filter((each) => each.family === 'IPv4' && each.internal === internal)
    .map((each) => each.address);
}
