import { execFile, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, isAbsolute, join } from 'node:path';
import { promisify } from 'node:util';

import { atEnd } from './lifetime.ts';

/** The programs of a control plane and its tests. */
export type Tool =
  | 'etcd'
  | 'kube-apiserver'
  | 'kube-controller-manager'
  | 'kubectl'
  | 'helm'
  | 'promtool'
  | 'prometheus'
  | 'age'
  | 'age-keygen'
  | 'actionlint'
  | 'kustomize';

interface Source {
  /** The folder beside this file, in the source tree, with the Go module that pins the tool. */
  readonly module: 'go' | 'helm' | 'promtool' | 'prometheus' | 'age' | 'actionlint' | 'kustomize';
  /** The Go package with the tool's `main`. */
  readonly package: string;
  /** The Go module whose version is the tool's version. */
  readonly from: string;
  /** The Go build tags. */
  readonly tags?: string;
}

const KUBERNETES = { module: 'go', from: 'k8s.io/kubernetes' } as const;

const AGE = { module: 'age', from: 'filippo.io/age' } as const;

const SOURCES: Record<Tool, Source> = {
  etcd: { module: 'go', package: 'go.etcd.io/etcd/server/v3', from: 'go.etcd.io/etcd/server/v3' },
  'kube-apiserver': { ...KUBERNETES, package: 'k8s.io/kubernetes/cmd/kube-apiserver' },
  'kube-controller-manager': { ...KUBERNETES, package: 'k8s.io/kubernetes/cmd/kube-controller-manager' },
  kubectl: { ...KUBERNETES, package: 'k8s.io/kubernetes/cmd/kubectl' },
  // Separate modules, because these depend on other versions of Kubernetes' libraries.
  helm: { module: 'helm', package: 'helm.sh/helm/v4/cmd/helm', from: 'helm.sh/helm/v4' },
  promtool: {
    module: 'promtool',
    package: 'github.com/prometheus/prometheus/cmd/promtool',
    from: 'github.com/prometheus/prometheus',
    // Excludes service discovery, which is most of promtool and is not needed to check metrics.
    tags: 'remove_all_sd',
  },
  // Separate from promtool's, whose checksums are fewer. No test needs it.
  prometheus: {
    module: 'prometheus',
    package: 'github.com/prometheus/prometheus/cmd/prometheus',
    from: 'github.com/prometheus/prometheus',
    tags: 'remove_all_sd',
  },
  age: { ...AGE, package: 'filippo.io/age/cmd/age' },
  actionlint: {
    module: 'actionlint',
    package: 'github.com/rhysd/actionlint/cmd/actionlint',
    from: 'github.com/rhysd/actionlint',
  },
  kustomize: {
    module: 'kustomize',
    package: 'sigs.k8s.io/kustomize/kustomize/v5',
    from: 'sigs.k8s.io/kustomize/kustomize/v5',
  },
  'age-keygen': { ...AGE, package: 'filippo.io/age/cmd/age-keygen' },
};

/** A Go module that pins every version and checksum, and the cache folder for exactly these. */
export interface BuildModule {
  folder: string;
  /** The version of the tool, such as `v1.36.3`. */
  version: string;
  /** The minimum version of Go, such as `1.26.0`. */
  go: string;
  cache: string;
}

/** Reads the pins of a tool. Throws if its Go module is not in the source tree above this file. */
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

/** Finds a module's folder. Compiled files are in an output folder; the Go module is only in a source tree above it. */
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
  return isAbsolute(configured) ? configured : join(homedir(), '.cache'); // XDG: ignore relative paths
}

/** Returns the version of Go on PATH, such as `go1.26.8`, or null if no Go there can build the module. */
export async function findGo(module: BuildModule): Promise<string | null> {
  try {
    // Run in the module's folder, because Go selects or downloads the toolchain by the `go` line there.
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
 * Builds one tool into the cache folder and returns its path. The file appears with the rename at the end, so an
 * interrupted or concurrent build never leaves a partial one.
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

/** Removes a folder, with retries, because a compiler that was just killed may still be writing. */
function remove(folder: string): void {
  rmSync(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 20 });
}

/** Builds the file `built` in the folder `work`, which also holds Go's temporary files. */
async function goBuild(tool: Tool, work: string, module: BuildModule): Promise<void> {
  const { package: goPackage, tags = '' } = SOURCES[tool];
  const ldflags = ['-s', '-w', ...stamps(tool, module.version)].join(' ');
  const flags = ['-mod=readonly', '-trimpath', '-buildvcs=false', `-tags=${tags}`, `-ldflags=${ldflags}`];

  const child = spawn('go', ['build', ...flags, '-o', join(work, 'built'), goPackage], {
    cwd: module.folder,
    env: { ...process.env, CGO_ENABLED: '0', GOWORK: 'off', GOTMPDIR: work },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true, // a separate process group, so that its compilers can be killed with it
  });
  const forget = atEnd(() => {
    // Use SIGKILL and remove the files here: once the other end of its pipes is closed, Go exits without cleaning up.
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

/**
 * Returns the linker flags for a server's version. Without them it reports v0.0.0-master, which clients with version
 * checks reject.
 */
function stamps(tool: Tool, version: string): string[] {
  if (['etcd', 'promtool', 'prometheus', 'age', 'age-keygen', 'actionlint', 'kustomize'].includes(tool))
    return [];
  if (tool === 'helm') return [`-X helm.sh/helm/v4/internal/version.version=${version}`];
  const [, major = '', minor = ''] = /^v(\d+)\.(\d+)/.exec(version) ?? [];
  const kubernetes = { gitVersion: version, gitMajor: major, gitMinor: minor };
  return Object.entries(kubernetes).map(([k, v]) => `-X k8s.io/component-base/version.${k}=${v}`);
}
