import { readdirSync, readFileSync } from 'node:fs';

/** How often the memory is read, in ms. */
const INTERVAL = 100;

/** Watches the memory of a process and of all its descendants. */
export class MemoryMeter {
  readonly #pid: number;
  readonly #timer: NodeJS.Timeout;
  #peak = 0;

  constructor(pid: number) {
    this.#pid = pid;
    this.#timer = setInterval(() => this.#read(), INTERVAL);
  }

  /** The largest sum so far, in MiB. */
  get peak(): number {
    this.#read();
    return this.#peak;
  }

  /** Starts over with the memory of this moment. */
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
 * The memory of a process and its descendants at this moment, in MiB; 0 for a process that is gone. Each has its own
 * anonymous memory, while the files that they map are those of one Node, which counts once: what the kernel calls the
 * proportional set size would leave out the share of other processes on the machine that run the same Node.
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

function familyOf(pid: number): number[] {
  return [pid, ...childrenOf(pid).flatMap(familyOf)];
}

/** Each thread of a process has children of its own. */
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

/** Empty for a process that ended meanwhile. */
function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
