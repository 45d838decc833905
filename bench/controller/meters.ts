import { readFileSync } from 'node:fs';
import { familyOf } from '../../test/support/memory.ts';
import type { MemoryLimit } from '../../test/hostile/memory-limit.ts';

/** How often to read the memory, in ms. */
const INTERVAL = 50;
/** The unit of times in /proc, in seconds. Linux has it for all processors that Node runs on. */
const TICK = 1 / 100;
const MIB = 1 << 20;

/** Returns the CPU time of processes, of all their threads and of all their descendants, in seconds. */
export function cpuSeconds(pids: readonly number[]): number {
  const ticks = pids.flatMap(familyOf).map((pid) => {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The command is in brackets and may contain anything. Then come the fields from the third on.
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
    const [user, system, user2, system2] = fields.slice(11, 15).map(Number);
    return (user ?? 0) + (system ?? 0) + (user2 ?? 0) + (system2 ?? 0);
  });
  return ticks.reduce((sum, each) => sum + each, 0) * TICK;
}

/** Memory in MiB. */
export interface Memory {
  /** What counts against a container's limit and cannot be freed: anonymous and kernel memory. */
  readonly group: number;
  /** The resident set, which includes the mapped files of Node. */
  readonly rss: number;
}

/** Measures the memory of one process in a control group of its own, or by /proc where there is none. */
export class MemoryGauge {
  readonly #pid: number;
  readonly #limit: MemoryLimit | undefined;
  readonly #timer: NodeJS.Timeout;
  #peak = 0;

  constructor(pid: number, limit: MemoryLimit | undefined) {
    this.#pid = pid;
    this.#limit = limit;
    this.#timer = setInterval(() => (this.#peak = Math.max(this.#peak, this.#group())), INTERVAL);
  }

  get now(): Memory {
    return { group: this.#group(), rss: this.#status('VmRSS') };
  }

  /** The largest values since the start: of the group as sampled, of the resident set as the kernel has recorded it. */
  get peak(): Memory {
    return { group: Math.max(this.#peak, this.#group()), rss: this.#status('VmHWM') };
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  #group(): number {
    if (this.#limit) return this.#limit.used / MIB;
    return this.#status('RssAnon') + this.#status('VmPTE');
  }

  #status(name: string): number {
    const text = readFileSync(`/proc/${this.#pid}/status`, 'utf8');
    return Number(new RegExp(`^${name}:\\s+(\\d+) kB$`, 'm').exec(text)?.[1] ?? Number.NaN) / 1024;
  }
}
