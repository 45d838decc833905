import { readdirSync, readFileSync } from 'node:fs';

/** How often to read the memory, in ms. */
const INTERVAL = 100;

/** Measures the memory of a process and of all its descendants. */
export class MemoryMeter {
  readonly #pid: number;
  readonly #timer: NodeJS.Timeout;
  #peak = 0;

  constructor(pid: number) {
    this.#pid = pid;
    this.#timer = setInterval(() => this.#read(), INTERVAL);
  }

  /** The largest total so far, in MiB. */
  get peak(): number {
    this.#read();
    return this.#peak;
  }

  /** Resets the peak to the current memory. */
  reset(): void {
    this.#peak = 0;
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  #read(): void {
    this.#peak = Math.max(this.#peak, memoryOf(this.#pid));
  }
}

/**
 * Returns the current memory of a process and its descendants in MiB, or 0 if the process has ended. Anonymous memory
 * is counted per process, but the mapped files, which belong to the same Node, once. The kernel's proportional set
 * size would leave out the share of other processes on the machine that run the same Node.
 */
export function memoryOf(pid: number): number {
  const all = familyOf(pid).map(partsOf);
  const anonymous = all.reduce((sum, each) => sum + each.anonymous, 0);
  return (anonymous + Math.max(...all.map(({ mapped }) => mapped))) / 1024;
}

function partsOf(pid: number): { readonly anonymous: number; readonly mapped: number } {
  const text = read(`/proc/${pid}/smaps_rollup`);
  const field = (name: string): number =>
    Number(new RegExp(`^${name}: +(\\d+) kB$`, 'm').exec(text)?.[1] ?? 0);
  const anonymous = field('Anonymous');
  return { anonymous, mapped: field('Rss') - anonymous };
}

/** Returns a process and all its descendants. */
export function familyOf(pid: number): number[] {
  return [pid, ...childrenOf(pid).flatMap(familyOf)];
}

/** Lists the children of a process. Each thread has its own. */
function childrenOf(pid: number): number[] {
  const texts = threadsOf(pid).map((thread) => read(`/proc/${pid}/task/${thread}/children`));
  return texts.flatMap((text) => text.split(' ').filter(Boolean).map(Number));
}

function threadsOf(pid: number): string[] {
  try {
    return readdirSync(`/proc/${pid}/task`);
  } catch {
    return [];
  }
}

/** Reads a file in /proc; empty if the process has ended meanwhile. */
function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
