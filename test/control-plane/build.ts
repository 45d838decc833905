import { execFile, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, isAbsolute, join } from 'node:path';
import { promisify } from 'node:util';

import { atEnd } from './lifetime.ts';

/** The programs that a control plane and its tests are made of. */
export type Tool = 'etcd' | 'kube-apiserver' | 'kube-controller-manager' | 'kubectl' | 'helm' | 'promtool';

interface Source {
  /** The folder beside this file, in the source tree, with the Go module that pins it. */
  readonly module: 'go' | 'helm' | 'promtool';
  /** The Go package with its `main`. */
  readonly package: string;
  /** The Go module that its version is the version of. */
  readonly from: string;
  /** Go's build tags. */
  readonly tags?: string;
}

const KUBERNETES = { module: 'go', from: 'k8s.io/kubernetes' } as const;

const SOURCES: Record<Tool, Source> = {
  etcd: { module: 'go', package: 'go.etcd.io/etcd/server/v3', from: 'go.etcd.io/etcd/server/v3' },
  'kube-apiserver': { ...KUBERNETES, package: 'k8s.io/kubernetes/cmd/kube-apiserver' },
  'kube-controller-manager': { ...KUBERNETES, package: 'k8s.io/kubernetes/cmd/kube-controller-manager' },
  kubectl: { ...KUBERNETES, package: 'k8s.io/kubernetes/cmd/kubectl' },
  // In modules of their own: they stand on other versions of Kubernetes' libraries.
  helm: { module: 'helm', package: 'helm.sh/helm/v4/cmd/helm', from: 'helm.sh/helm/v4' },
  promtool: {
    module: 'promtool',
    package: 'github.com/prometheus/prometheus/cmd/promtool',
    from: 'github.com/prometheus/prometheus',
    // Without the discovery of services, which is most of it and has no part in checking metrics.
    tags: 'remove_all_sd',
  },
};

/** A Go module that pins every version and checksum, and the cache folder that belongs to exactly those. */
export interface BuildModule {
  folder: string;
  /** The version of the tool that it is read for, such as `v1.36.3`. */
  version: string;
  /** The least version of Go that builds it, such as `1.26.0`. */
  go: string;
  cache: string;
}

/** Reads the pins of a tool. Throws when its Go module is not in the source tree above this file. */
export function readModule(tool: Tool): BuildModule {
  const source = SOURCES[tool];
  const folder = moduleFolder(source.module);
  const goMod = readFileSync(join(folder, 'go.mod'), 'utf8');
  const hash = createHash('sha256')
    .update(goMod)
    .update(readFileSync(join(folder, 'go.sum')));
  const pin = (pattern: RegExp): string => {
    const found = pattern.exec(goMod)?.[1];
    if (found === undefined) throw new Error(`${join(folder, 'go.mod')} does not match ${String(pattern)}`);
    return found;
  };
  const required = (path: string): string =>
    pin(new RegExp(`^\\s*(?:require )?${path.replaceAll('.', '\\.')} (v\\S+)`, 'm'));
  const [named, main] =
    source.module === 'go' ? ['control-plane', KUBERNETES.from] : [source.module, source.from];
  return {
    folder,
    version: required(source.from),
    go: pin(/^go (\S+)/m),
    cache: join(cacheHome(), 'sealed-secrets', named, `${required(main)}-${hash.digest('hex').slice(0, 12)}`),
  };
}

/** The compiled files lie in an output folder, the Go module only in the source tree somewhere above it. */
function moduleFolder(name: string): string {
  for (let folder = import.meta.dirname; ; folder = dirname(folder)) {
    const candidate = join(folder, 'test', 'control-plane', name);
    if (existsSync(join(candidate, 'go.mod'))) return candidate;
    if (dirname(folder) === folder) {
      throw new Error(`no folder above ${import.meta.dirname} has test/control-plane/${name}/go.mod`);
    }
  }
}

function cacheHome(): string {
  const configured = process.env['XDG_CACHE_HOME'] ?? '';
  return isAbsolute(configured) ? configured : join(homedir(), '.cache'); // relative is to be ignored, says XDG
}

/** The Go on PATH, such as `go1.26.8`, or null when there is none that can build the module. */
export async function findGo(module: BuildModule): Promise<string | null> {
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

/**
 * Builds one tool into the cache folder and returns its path. The rename at the end is what makes the file
 * appear, so an interrupted or concurrent build never leaves half of one.
 *
 * @throws Error with the end of Go's output
 */
export async function build(tool: Tool, module: BuildModule, say: (line: string) => void): Promise<string> {
  mkdirSync(module.cache, { recursive: true });
  const target = join(module.cache, tool);
  const work = mkdtempSync(join(module.cache, `.${tool}-`)); // beside the target, so that a rename suffices
  const started = Date.now();
  const clock = setInterval(() => {
    say(`building ${tool}: ${elapsed(started)} so far`);
  }, 15_000);
  try {
    await goBuild(tool, work, module);
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
async function goBuild(tool: Tool, work: string, module: BuildModule): Promise<void> {
  const { package: goPackage, tags = '' } = SOURCES[tool];
  const ldflags = ['-s', '-w', ...stamps(tool, module.version)].join(' ');
  const flags = ['-mod=readonly', '-trimpath', '-buildvcs=false', `-tags=${tags}`, `-ldflags=${ldflags}`];

  const child = spawn('go', ['build', ...flags, '-o', join(work, 'built'), goPackage], {
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

/** Without these a server calls itself v0.0.0-master, which clients with version checks refuse. */
function stamps(tool: Tool, version: string): string[] {
  if (tool === 'etcd' || tool === 'promtool') return [];
  if (tool === 'helm') return [`-X helm.sh/helm/v4/internal/version.version=${version}`];
  const [, major = '', minor = ''] = /^v(\d+)\.(\d+)/.exec(version) ?? [];
  const kubernetes = { gitVersion: version, gitMajor: major, gitMinor: minor };
  return Object.entries(kubernetes).map(([k, v]) => `-X k8s.io/component-base/version.${k}=${v}`);
}
