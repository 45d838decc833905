import { fork, type ChildProcess } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { systemClock } from '../../shared/clock.ts';

/** The program of a child process and its memory limits. */
export interface KillableChildOptions {
  /** The module to run. It sends a message when it is ready for requests, and exits on `disconnect`. */
  readonly program: URL;
  /** The largest JavaScript heap of the process, in MiB. */
  readonly heapMegabytes: number;
  /** The most resident memory of the process while it works, in MiB. Enforced only on Linux. */
  readonly residentMegabytes: number;
}

/**
 * SIGUSR1 makes Node open a debugger port. No machine has this address (RFC 5737), so opening it fails; see bin.ts. The
 * stack is larger than Node's default, because templates nest, and well below the usual limit of 8 MiB. The young
 * generation is three times the semi-space: with Node's default of 16 MiB it would exceed the smallest heap.
 */
const FLAGS = ['--inspect-port=192.0.2.1:1024', '--stack-size=3000', '--max-semi-space-size=4'];

/** How often to check the memory of a working child, in ms. */
const MEMORY_PERIOD = 100;

/** The smallest size of a memory page on the supported platforms, in bytes. */
const PAGE_SIZE = 4096;

/**
 * A child process that handles one request at a time, on untrusted input. It has no environment and no credentials, and
 * can be killed at any time, even in native code.
 */
export class KillableChild {
  readonly #child: ChildProcess;
  readonly #options: KillableChildOptions;

  /** Starts the process. */
  constructor(options: KillableChildOptions) {
    this.#options = options;
    this.#child = fork(fileURLToPath(options.program), {
      execArgv: [...FLAGS, `--max-old-space-size=${options.heapMegabytes}`],
      env: {},
      serialization: 'advanced',
      stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    });
    // `exit` reports how the child ended. An `error` event without a listener would end this process.
    this.#child.on('error', () => undefined);
  }

  /** Resolves when the process is ready for requests or has ended; see `alive`. The signal kills the process. */
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

  /** Whether the process can take a request. False as soon as it is killed, even if it takes a moment to end. */
  get alive(): boolean {
    const { connected, exitCode, killed, signalCode } = this.#child;
    return connected && !killed && exitCode === null && signalCode === null;
  }

  /** The process id; undefined if the process could not be started. */
  get pid(): number | undefined {
    return this.#child.pid;
  }

  /**
   * Sends a request, and passes each message to `receive` until that returns an answer. Resolves to the answer, or to
   * undefined if the process ends first. The signal kills the process.
   */
  async request<A>(
    message: object,
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
        const onMessage = (reply: unknown): void => {
          const answer = receive(reply);
          if (answer !== undefined) finish(answer);
        };
        const onExit = (): void => finish(undefined);
        const onAbort = (): void => this.kill();
        child.on('message', onMessage).on('exit', onExit);
        signal.addEventListener('abort', onAbort);
        if (!this.alive) finish(undefined);
        else if (signal.aborted) onAbort();
        else child.send(message, (error) => (error ? onAbort() : undefined));
      });
    } finally {
      watch.abort();
      // An idle child must not keep the parent running.
      child.unref();
      child.channel?.unref();
    }
  }

  /** Ends the process at once. */
  kill(): void {
    this.#child.kill('SIGKILL');
  }

  /** Kills the process when it exceeds its memory. V8 bounds its heap, but not the memory of native code. */
  async #watchMemory(signal: AbortSignal): Promise<void> {
    const limit = this.#options.residentMegabytes * 2 ** 20;
    const { pid } = this.#child;
    if (pid === undefined) return;
    for (;;) {
      const elapsed = await systemClock.sleep(MEMORY_PERIOD, signal).then(
        () => true,
        () => false,
      );
      if (!elapsed) return;
      const size = (await residentPages(pid)) * PAGE_SIZE;
      if (signal.aborted) return;
      if (size > limit) this.kill();
    }
  }
}

/** Returns the number of resident pages, the second field of `statm`; see proc_pid_statm(5). 0 if the file is missing. */
async function residentPages(pid: number): Promise<number> {
  try {
    return Number((await readFile(`/proc/${pid}/statm`, 'latin1')).split(' ')[1] ?? 0);
  } catch {
    return 0;
  }
}
