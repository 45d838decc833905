import { fork, type ChildProcess } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { systemClock } from '../../shared/clock.ts';

export interface ChildOptions {
  /** The module to run. It sends one message as soon as it is ready for requests, and ends on `disconnect`. */
  readonly program: URL;
  /** The most that live JavaScript values may take, in megabytes. */
  readonly heapMegabytes: number;
  /** The most that the process may take while it works, in megabytes. Held on Linux only. */
  readonly residentMegabytes: number;
}

/**
 * No machine has this address (RFC 5737): on SIGUSR1, which opens a debugger, it opens nowhere. See bin.ts. The stack
 * is larger than Node's default, as templates nest, and well below the usual limit of 8 MiB. The young generation is
 * three times the semi-space: Node's default of 16 MiB would be more than the smallest heap.
 */
const FLAGS = ['--inspect-port=192.0.2.1:1024', '--stack-size=3000', '--max-semi-space-size=4'];

/** How often to check the memory of a working child, in ms. */
const MEMORY_PERIOD = 100;

/** The size of a page on all platforms that the controller runs on is at least this, in bytes. */
const PAGE = 4096;

/**
 * A process that does one piece of work at a time, on untrusted input. It has no environment and no credentials, and
 * can be killed at any time, in native code too.
 */
export class KillableChild {
  readonly #child: ChildProcess;
  readonly #options: ChildOptions;

  /** Starts the process. */
  constructor(options: ChildOptions) {
    this.#options = options;
    this.#child = fork(fileURLToPath(options.program), {
      execArgv: [...FLAGS, `--max-old-space-size=${options.heapMegabytes}`],
      env: {},
      serialization: 'advanced',
      stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    });
    // What it dies of is told by `exit`; an `error` without a listener would end this process.
    this.#child.on('error', () => undefined);
  }

  /** Resolves once the process is ready for requests, or has ended: see `alive`. The signal kills it. */
  async ready(signal: AbortSignal): Promise<void> {
    const child = this.#child;
    const onAbort = (): void => this.kill();
    await new Promise<void>((resolve) => {
      signal.addEventListener('abort', onAbort);
      child
        .once('message', () => resolve())
        .once('error', () => resolve())
        .once('exit', () => resolve());
      if (signal.aborted) onAbort();
    });
    signal.removeEventListener('abort', onAbort);
  }

  /** Whether it can be sent a request. One that was killed may take a moment to end. */
  get alive(): boolean {
    const { connected, exitCode, killed, signalCode } = this.#child;
    return connected && !killed && exitCode === null && signalCode === null;
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  /**
   * Sends a request, and hands each message to `receive` until that returns an answer. Resolves to the answer, or to
   * undefined when the process ended before it had one; the signal kills it.
   */
  async ask<A>(
    request: object,
    receive: (message: unknown) => A | undefined,
    signal: AbortSignal,
  ): Promise<A | undefined> {
    const child = this.#child;
    child.ref();
    child.channel?.ref();
    const watch = new AbortController();
    void this.#watchMemory(watch.signal);
    try {
      return await new Promise<A | undefined>((resolve) => {
        const finish = (answer: A | undefined): void => {
          child.off('message', onMessage).off('exit', onExit);
          signal.removeEventListener('abort', onAbort);
          resolve(answer);
        };
        const onMessage = (message: unknown): void => {
          const answer = receive(message);
          if (answer !== undefined) finish(answer);
        };
        const onExit = (): void => finish(undefined);
        const onAbort = (): void => this.kill();
        child.on('message', onMessage).on('exit', onExit);
        signal.addEventListener('abort', onAbort);
        if (!this.alive) finish(undefined);
        else if (signal.aborted) onAbort();
        else child.send(request, (error) => (error ? onAbort() : undefined));
      });
    } finally {
      watch.abort();
      // The parent may end while it waits for nothing else.
      child.unref();
      child.channel?.unref();
    }
  }

  /** Ends the process at once. */
  kill(): void {
    this.#child.kill('SIGKILL');
  }

  /** V8 bounds its heap, and not what native code takes beside it. */
  async #watchMemory(signal: AbortSignal): Promise<void> {
    const most = this.#options.residentMegabytes * 2 ** 20;
    const { pid } = this.#child;
    if (pid === undefined) return;
    for (;;) {
      const awake = await systemClock.sleep(MEMORY_PERIOD, signal).then(
        () => true,
        () => false,
      );
      if (!awake) return;
      const size = (await residentPages(pid)) * PAGE;
      if (signal.aborted) return;
      if (size > most) this.kill();
    }
  }
}

/** The second number of `statm`: the pages that are in memory; see proc_pid_statm(5). 0 where there is no such file. */
async function residentPages(pid: number): Promise<number> {
  try {
    return Number((await readFile(`/proc/${pid}/statm`, 'latin1')).split(' ')[1] ?? 0);
  } catch {
    return 0;
  }
}
