import { readFileSync } from 'node:fs';

/** Returns the resident memory of a process, in MiB. */
export function residentMemory(pid: number): number {
  const rss = /VmRSS:\s+(\d+)/.exec(text(`/proc/${pid}/status`))?.[1];
  return Number(rss ?? 0) / 1024;
}

function withChildren(pid: number): number {
  const children = text(`/proc/${pid}/task/${pid}/children`).trim().split(' ').filter(Boolean);
  return [pid, ...children.map(Number)].reduce((sum, each) => sum + residentMemory(each), 0);
}

/** Watches the resident memory of a process and its children, 20 times a second. */
export class MemoryWatch {
  readonly #pid: number;
  readonly #timer: NodeJS.Timeout;
  #peak = 0;

  constructor(pid: number) {
    this.#pid = pid;
    this.#timer = setInterval(() => this.#look(), 50);
  }

  /** The most so far, in MiB. */
  get peak(): number {
    this.#look();
    return this.#peak;
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  #look(): void {
    this.#peak = Math.max(this.#peak, withChildren(this.#pid));
  }
}

/** Empty where the process has ended meanwhile. */
function text(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
