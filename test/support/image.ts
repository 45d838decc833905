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

/** What `Dockerfile` says of the last stage, as a container engine would read it. */
export interface ImageConfig {
  readonly user: string;
  readonly path: string;
  readonly entrypoint: readonly string[];
}

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
    entrypoint: [...field(/^ENTRYPOINT \[(.+)\]$/m).matchAll(/"([^"]+)"/g)].map(([, word = '']) => word),
  };
}

/** Where Kubernetes mounts a pod's token. */
const ACCOUNT = 'var/run/secrets/kubernetes.io/serviceaccount';

/**
 * The root of a container: the files that the image has of us, with what its base brings, which are the libraries that
 * this machine's loader finds for the Node in it, and with the places that a container runtime mounts something at.
 */
export function composeRoot(tree: string, to: string): void {
  cpSync(tree, to, { recursive: true, verbatimSymlinks: true });
  copyLibraries(join(to, 'usr/local/lib/sealed-secrets/node'), to);
  for (const place of ['proc', 'tmp', ACCOUNT]) mkdirSync(join(to, place), { recursive: true });
}

/** Copies the libraries that this machine's loader finds for a program, to where they are here. */
export function copyLibraries(node: string, to: string): void {
  const { stdout } = spawnSync('ldd', [node], { encoding: 'utf8' });
  const libraries = [...stdout.matchAll(/(?:=> |^\s*)(\/\S+) \(0x/gm)].map(([, path = '']) => path);
  if (libraries.length === 0) throw new Error(`ldd names no libraries of ${node}`);
  for (const library of libraries) {
    mkdirSync(join(to, dirname(library)), { recursive: true });
    copyFileSync(library, join(to, library));
  }
}

/** A copy of a pod's token and its like, for the user of the image alone, as the kubelet makes it. */
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

/** As a container runtime starts a pod with the restricted security context: a root that nobody writes to, no powers. */
const START = `set -e
root=$1 account=$2 user=$3 path=$4
shift 4
mount --bind "$root" "$root"
mount --rbind /proc "$root/proc"
mount -t tmpfs -o mode=1777 none "$root/tmp"
mount --bind "$account" "$root/${ACCOUNT}"
mount -o remount,bind,ro "$root/${ACCOUNT}"
mount -o remount,bind,ro "$root"
ulimit -c unlimited
setpriv=$(command -v setpriv) chroot=$(command -v chroot)
export PATH="$path"
exec "$setpriv" --no-new-privs "$chroot" --userspec="$user" --groups= "$root" "$@"`;

/** The command that runs the image's own in a root that {@link composeRoot} made; it takes further arguments. */
export function containerCommand(root: string, account: string, config: ImageConfig): readonly string[] {
  const { user, path, entrypoint } = config;
  return ['unshare', '--mount', 'sh', '-c', START, 'sh', root, account, user, path, ...entrypoint];
}

/** Why this machine cannot run it; undefined where it can. */
export function noContainer({ user }: ImageConfig): string | undefined {
  if (process.platform !== 'linux') return `it needs Linux, and this is ${process.platform}`;
  const script = `mount -t tmpfs none /mnt && exec chroot --userspec=${user} --groups= / true`;
  const { status, stderr, error } = spawnSync('unshare', ['--mount', 'sh', '-c', script], {
    encoding: 'utf8',
  });
  if (status === 0) return undefined;
  return `NOT SHOWN HERE: mounting and becoming user ${user} need root: ${(error?.message ?? stderr).trim()}`;
}

/** Every file of a tree by its path: its mode, its time, and where it leads or a digest of what it has. */
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
