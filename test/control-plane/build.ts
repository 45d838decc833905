import { execFile, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, isAbsolute, join } from 'node:path';
import { promisify } from 'node:util';

import { atEnd } from './lifetime.ts';

/** The programs that a control plane and its tests are made of. */
export type Tool = 'etcd' | 'kube-apiserver' | 'kube-controller-manager' | 'kubectl';

const packages: Record<Tool, string> = {
  etcd: 'go.etcd.io/etcd/server/v3',
  'kube-apiserver': 'k8s.io/kubernetes/cmd/kube-apiserver',
  'kube-controller-manager': 'k8s.io/kubernetes/cmd/kube-controller-manager',
  kubectl: 'k8s.io/kubernetes/cmd/kubectl',
};

/** A Go module that pins every version and checksum, and the cache folder that belongs to exactly those. */
export interface GoModule {
  folder: string;
  /** The least version of Go that builds it, such as `1.26.0`. */
  go: string;
  cache: string;
}

/** The module of the control plane. */
export interface BuildModule extends GoModule {
  /** Such as `v1.36.3`. */
  kubernetes: string;
  /** Such as `v3.6.8`. */
  etcd: string;
}

/** Reads the pins. Throws when the Go module is not in the source tree above this file. */
export function readModule(): BuildModule {
  const { pin, ...module } = readGoModule('control-plane', 'go', /^\s*k8s\.io\/kubernetes (v\S+)/m);
  return { ...module, kubernetes: module.version, etcd: pin(/^\s*go\.etcd\.io\/etcd\/server\/v3 (v\S+)/m) };
}

/**
 * Reads a Go module of `test/`: the version that names its cache, and whatever else `pin` finds in it. Throws when it
 * is not in the source tree above this file.
 */
export function readGoModule(
  name: string,
  inside: string,
  version: RegExp,
): GoModule & { readonly version: string; readonly pin: (pattern: RegExp) => string } {
  const folder = moduleFolder(join(name, inside));
  const goMod = readFileSync(join(folder, 'go.mod'), 'utf8');
  const hash = createHash('sha256')
    .update(goMod)
    .update(readFileSync(join(folder, 'go.sum')));
  const pin = (pattern: RegExp): string => {
    const found = pattern.exec(goMod)?.[1];
    if (found === undefined) throw new Error(`${join(folder, 'go.mod')} does not match ${String(pattern)}`);
    return found;
  };
  const pinned = pin(version);
  const cache = join(cacheHome(), 'sealed-secrets', name, `${pinned}-${hash.digest('hex').slice(0, 12)}`);
  return { folder, go: pin(/^go (\S+)/m), cache, version: pinned, pin };
}

/** The compiled files lie in an output folder, the Go modules only in the source tree somewhere above it. */
function moduleFolder(name: string): string {
  for (let folder = import.meta.dirname; ; folder = dirname(folder)) {
    const candidate = join(folder, 'test', name);
    if (existsSync(join(candidate, 'go.mod'))) return candidate;
    if (dirname(folder) === folder) {
      throw new Error(`no folder above ${import.meta.dirname} has test/${name}/go.mod`);
    }
  }
}

function cacheHome(): string {
  const configured = process.env['XDG_CACHE_HOME'] ?? '';
  return isAbsolute(configured) ? configured : join(homedir(), '.cache'); // relative is to be ignored, says XDG
}

/** The Go on PATH, such as `go1.26.8`, or null when there is none that can build the module. */
export async function findGo(module: GoModule): Promise<string | null> {
  try {
    // In the module's folder, because Go picks or downloads the toolchain by the `go` line it finds there.
    const { stdout } = await promisify(execFile)('go', ['env', 'GOVERSION'], { cwd: module.folder });
    const found = stdout.trim();
    return atLeast(found, module.go) ? found : null;
  } catch {
    return null;
  }
}

function atLeast(found: string, needed: string): boolean {
  const numbers = (text: string): number[] => (text.match(/\d+/g) ?? []).map(Number);
  const [major = 0, minor = 0, patch = 0] = numbers(/go([\d.]+)/.exec(found)?.[1] ?? '');
  const [needMajor = 0, needMinor = 0, needPatch = 0] = numbers(needed);
  return (major - needMajor || minor - needMinor || patch - needPatch) >= 0;
}

/** Builds one tool of the control plane into the cache folder and returns its path. */
export async function build(tool: Tool, module: BuildModule, say: (line: string) => void): Promise<string> {
  const [, major = '', minor = ''] = /^v(\d+)\.(\d+)/.exec(module.kubernetes) ?? [];
  const version = { gitVersion: module.kubernetes, gitMajor: major, gitMinor: minor };
  // Without these a server calls itself v0.0.0-master, which clients with version checks refuse.
  const stamps = Object.entries(version).map(([k, v]) => `-X k8s.io/component-base/version.${k}=${v}`);
  return buildProgram(tool, packages[tool], module, [`-ldflags=${['-s', '-w', ...stamps].join(' ')}`], say);
}

/**
 * Builds one program into the cache folder and returns its path. The rename at the end is what makes the file
 * appear, so an interrupted or concurrent build never leaves half of one.
 *
 * @throws Error with the end of Go's output
 */
export async function buildProgram(
  tool: string,
  goPackage: string,
  module: GoModule,
  flags: readonly string[],
  say: (line: string) => void,
): Promise<string> {
  mkdirSync(module.cache, { recursive: true });
  const target = join(module.cache, tool);
  const work = mkdtempSync(join(module.cache, `.${tool}-`)); // beside the target, so that a rename suffices
  const started = Date.now();
  const clock = setInterval(() => {
    say(`building ${tool}: ${elapsed(started)} so far`);
  }, 15_000);
  try {
    await goBuild(goPackage, work, module, flags);
    renameSync(join(work, 'built'), target);
  } finally {
    clearInterval(clock);
    remove(work);
  }
  say(`built ${tool} in ${elapsed(started)}: ${target}`);
  return target;
}

function elapsed(since: number): string {
  const seconds = Math.round((Date.now() - since) / 1000);
  return seconds < 60 ? `${seconds} s` : `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
}

/** With retries, because a compiler that was killed a moment ago may still be writing. */
function remove(folder: string): void {
  rmSync(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 20 });
}

/** Writes the file `built` into the folder `work`, which is also for Go's own temporary files. */
async function goBuild(
  goPackage: string,
  work: string,
  module: GoModule,
  flags: readonly string[],
): Promise<void> {
  const all = ['-mod=readonly', '-trimpath', '-buildvcs=false', ...flags];
  const child = spawn('go', ['build', ...all, '-o', join(work, 'built'), goPackage], {
    cwd: module.folder,
    env: { ...process.env, CGO_ENABLED: '0', GOWORK: 'off', GOTMPDIR: work },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true, // a process group of its own, so that the compilers under it can be ended with it
  });
  const forget = atEnd(() => {
    // SIGKILL and our own removal, because once our end of the pipes is closed Go dies without tidying up.
    if (child.pid !== undefined && child.exitCode === null) process.kill(-child.pid, 'SIGKILL');
    remove(work);
  });
  let log = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => (log = (log + text).slice(-4000)));
  }
  try {
    const code = await new Promise<number | string>((resolve, reject) => {
      child.on('error', reject).on('close', (status, signal) => {
        resolve(status ?? signal ?? 'unknown');
      });
    });
    if (code !== 0) throw new Error(`go build ${goPackage} ended with ${code}:\n${log.trim()}`);
  } finally {
    forget();
  }
}
