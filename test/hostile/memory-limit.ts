import { existsSync, mkdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { atEnd } from '../control-plane/lifetime.ts';

/** The files of one version of Linux control groups. */
interface Version {
  readonly root: string;
  readonly limit: string;
  readonly events: string;
  /** The field of `memory.stat` with the bytes of anonymous memory. */
  readonly anonymous: string;
  /** Returns the bytes of the kernel's memory for a group. */
  readonly kernel: (folder: string) => number;
}

/** Returns a field of a group's `memory.stat`. */
function statistic(folder: string, name: string): number {
  const text = readFileSync(join(folder, 'memory.stat'), 'utf8');
  return Number(new RegExp(`^${name} (\\d+)$`, 'm').exec(text)?.[1] ?? Number.NaN);
}

const VERSIONS: readonly Version[] = [
  {
    root: '/sys/fs/cgroup',
    limit: 'memory.max',
    events: 'memory.events',
    anonymous: 'anon',
    kernel: (folder) => statistic(folder, 'kernel'),
  },
  {
    root: '/sys/fs/cgroup/memory',
    limit: 'memory.limit_in_bytes',
    events: 'memory.oom_control',
    anonymous: 'total_rss',
    kernel: (folder) => Number(readFileSync(join(folder, 'memory.kmem.usage_in_bytes'), 'utf8')),
  },
];

/** A control group that limits the memory of its processes, like a container's `resources.limits.memory`. */
export class MemoryLimit {
  readonly #folder: string;
  readonly #version: Version;
  readonly #forget: () => void;

  private constructor(folder: string, version: Version) {
    this.#folder = folder;
    this.#version = version;
    this.#forget = atEnd(() => rmdirSync(folder));
  }

  /** Creates a control group. Returns undefined if this machine permits none. */
  static create(bytes: number): MemoryLimit | undefined {
    for (const version of VERSIONS) {
      const { root, limit } = version;
      const folder = join(root, `sealed-secrets-${process.pid}`);
      try {
        mkdirSync(folder);
      } catch {
        continue;
      }
      if (existsSync(join(folder, limit))) {
        writeFileSync(join(folder, limit), String(bytes));
        return new MemoryLimit(folder, version);
      }
      rmdirSync(folder);
    }
    return undefined;
  }

  /** Returns a command that runs `command` in the group. */
  wrap(command: readonly string[]): readonly string[] {
    const script = `echo $$ > '${join(this.#folder, 'cgroup.procs')}' && exec "$@"`;
    return ['sh', '-c', script, 'sh', ...command];
  }

  /** Removes the group, which must have no processes left. */
  remove(): void {
    rmdirSync(this.#folder);
    this.#forget();
  }

  /** The anonymous memory of all processes and the kernel's memory for them, without cached files, in bytes. */
  get used(): number {
    return statistic(this.#folder, this.#version.anonymous) + this.#version.kernel(this.#folder);
  }

  /** How many processes the kernel has killed because they exceeded the limit. */
  get killed(): number {
    const events = readFileSync(join(this.#folder, this.#version.events), 'utf8');
    const [, count = '0'] = /^oom_kill (\d+)$/m.exec(events) ?? [];
    return Number(count);
  }
}
