import { existsSync, mkdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { atEnd } from '../control-plane/lifetime.ts';

/** The files of one version of Linux control groups. */
interface Version {
  readonly root: string;
  readonly limit: string;
  readonly events: string;
}

const VERSIONS: readonly Version[] = [
  { root: '/sys/fs/cgroup', limit: 'memory.max', events: 'memory.events' },
  { root: '/sys/fs/cgroup/memory', limit: 'memory.limit_in_bytes', events: 'memory.oom_control' },
];

/** A control group that limits the memory of its processes, like a container's `resources.limits.memory`. */
export class MemoryLimit {
  readonly #folder: string;
  readonly #events: string;
  readonly #forget: () => void;

  private constructor(folder: string, events: string) {
    this.#folder = folder;
    this.#events = events;
    this.#forget = atEnd(() => rmdirSync(folder));
  }

  /** Creates a control group. Returns undefined if this machine permits none. */
  static create(bytes: number): MemoryLimit | undefined {
    for (const { root, limit, events } of VERSIONS) {
      const folder = join(root, `sealed-secrets-${process.pid}`);
      try {
        mkdirSync(folder);
      } catch {
        continue;
      }
      if (existsSync(join(folder, limit))) {
        writeFileSync(join(folder, limit), String(bytes));
        return new MemoryLimit(folder, join(folder, events));
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

  /** How many processes the kernel has killed because they exceeded the limit. */
  get killed(): number {
    const [, count = '0'] = /^oom_kill (\d+)$/m.exec(readFileSync(this.#events, 'utf8')) ?? [];
    return Number(count);
  }
}
