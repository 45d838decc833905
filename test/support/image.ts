import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  chmodSync,
  chownSync,
  copyFileSync,
  cpSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { PACKAGE } from './package.ts';

/** The configuration of the last stage in `Dockerfile`, as a container engine reads it. */
export interface ImageConfig {
  readonly user: string;
  readonly path: string;
  readonly nodeOptions: string;
  readonly entrypoint: readonly string[];
}

/** Reads the image's configuration from `Dockerfile`. Throws if a field is missing. */
export function imageConfig(): ImageConfig {
  const text = readFileSync(join(PACKAGE, 'Dockerfile'), 'utf8');
  const field = (pattern: RegExp): string => {
    const [, value] = pattern.exec(text) ?? [];
    if (value === undefined) throw new Error(`Dockerfile has no ${pattern.source}`);
    return value;
  };
  return {
    user: field(/^USER (\S+)$/m),
    path: field(/^ENV PATH="(.+)"$/m),
    nodeOptions: field(/^ENV NODE_OPTIONS="(.+)"$/m),
    entrypoint: [...field(/^ENTRYPOINT \[(.+)\]$/m).matchAll(/"([^"]+)"/g)].map(([, word = '']) => word),
  };
}

/** Where Kubernetes mounts a pod's token. */
const ACCOUNT = 'var/run/secrets/kubernetes.io/serviceaccount';

/**
 * Composes the root of a container: the image's own files, the libraries that this machine's loader finds for Node,
 * as a stand-in for the base image, and the mount points that a container runtime needs.
 */
export function composeRoot(tree: string, to: string): void {
  cpSync(tree, to, { recursive: true, verbatimSymlinks: true });
  copyLibraries(join(to, 'usr/local/lib/sealed-secrets/node'), to);
  for (const place of ['dev', 'proc', 'tmp', ACCOUNT]) mkdirSync(join(to, place), { recursive: true });
}

/** Copies the libraries that this machine's loader finds for a program to the same paths below `to`. */
export function copyLibraries(node: string, to: string): void {
  const { stdout } = spawnSync('ldd', [node], { encoding: 'utf8' });
  const libraries = [...stdout.matchAll(/(?:=> |^\s*)(\/\S+) \(0x/gm)].map(([, path = '']) => path);
  if (libraries.length === 0) throw new Error(`ldd names no libraries of ${node}`);
  for (const library of libraries) {
    mkdirSync(join(to, dirname(library)), { recursive: true });
    copyFileSync(library, join(to, library));
  }
}

/** Copies a pod's token and its companions so that only the image's user can read them, as the kubelet does. */
export function handOverAccount(from: string, to: string, { user }: ImageConfig): void {
  const [uid = NaN, gid = NaN] = user.split(':').map(Number);
  mkdirSync(to);
  for (const name of readdirSync(from)) {
    copyFileSync(join(from, name), join(to, name));
    chmodSync(join(to, name), 0o400);
    chownSync(join(to, name), uid, gid);
  }
  chownSync(to, uid, gid);
}

/** Starts a program as a container runtime does with the restricted security context: read-only root, no privileges. */
const START = `set -e
root=$1 account=$2 user=$3 path=$4
shift 4
mount --bind "$root" "$root"
mount --rbind /proc "$root/proc"
mount --rbind /dev "$root/dev"
mount -t tmpfs -o mode=1777 none "$root/tmp"
mount --bind "$account" "$root/${ACCOUNT}"
mount -o remount,bind,ro "$root/${ACCOUNT}"
mount -o remount,bind,ro "$root"
ulimit -c unlimited
setpriv=$(command -v setpriv) chroot=$(command -v chroot)
export PATH="$path"
exec "$setpriv" --no-new-privs "$chroot" --userspec="$user" --groups= "$root" "$@"`;

/**
 * Returns the command that runs the image's entrypoint in a root from {@link composeRoot}; it takes further
 * arguments.
 */
export function containerCommand(root: string, account: string, config: ImageConfig): readonly string[] {
  const { user, path, entrypoint } = config;
  return ['unshare', '--mount', 'sh', '-c', START, 'sh', root, account, user, path, ...entrypoint];
}

/** Returns why this machine cannot run the container, or undefined if it can. */
export function noContainer({ user }: ImageConfig): string | undefined {
  if (process.platform !== 'linux') return `it needs Linux, and this is ${process.platform}`;
  const script = `mount -t tmpfs none /mnt && exec chroot --userspec=${user} --groups= / true`;
  const { status, stderr, error } = spawnSync('unshare', ['--mount', 'sh', '-c', script], {
    encoding: 'utf8',
  });
  if (status === 0) return undefined;
  return `NOT SHOWN HERE: mounting and becoming user ${user} need root: ${(error?.message ?? stderr).trim()}`;
}

/** Returns for each path of a tree its mode, modification time, and link target or digest of the content. */
export function inventory(root: string): Map<string, string> {
  const paths = readdirSync(root, { recursive: true, encoding: 'utf8' }).sort();
  return new Map(
    paths.map((path) => {
      const file = join(root, path);
      const stat = lstatSync(file);
      const mode = (stat.mode & 0o7777).toString(8);
      if (stat.isDirectory()) return [path, `${mode} folder ${stat.mtimeMs}`];
      if (stat.isSymbolicLink()) return [path, `to ${readlinkSync(file)} ${stat.mtimeMs}`];
      return [
        path,
        `${mode} ${createHash('sha256').update(readFileSync(file)).digest('hex')} ${stat.mtimeMs}`,
      ];
    }),
  );
}
