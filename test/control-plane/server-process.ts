import { spawn, spawnSync } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

/** A server did not become ready. */
export class StartFailed extends Error {
  override readonly name = 'StartFailed';
}

/** A child process whose output goes to a file. */
export class ServerProcess {
  readonly name: string;
  readonly #logFile: string;
  readonly #child: ChildProcess;
  readonly #ended: Promise<void>;
  #how: string | null = null;

  /** Starts the process, with `folder` as its home and for temporary files. */
  constructor(name: string, binary: string, flags: readonly string[], logFile: string, folder: string) {
    this.name = name;
    this.#logFile = logFile;
    const log = openSync(logFile, 'a', 0o600);
    const [command, ...rest] = [...diesWithParent(), binary, ...flags];
    this.#child = spawn(command ?? binary, rest, {
      // Do not pass on the environment: with HTTPS_PROXY, kube-apiserver would send its calls to pods to the proxy.
      env: { PATH: process.env['PATH'], HOME: folder, TMPDIR: folder },
      stdio: ['ignore', log, log],
      detached: true, // so that Ctrl-C in a terminal does not reach it before the tests have ended
    });
    closeSync(log);
    this.#ended = new Promise((resolve) => {
      const end = (how: string): void => {
        this.#how ??= how;
        resolve();
      };
      this.#child.on('error', (error) => {
        end(error.message);
      });
      this.#child.on('exit', (status, signal) => {
        end(signal ?? `exit status ${String(status)}`);
      });
    });
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  /**
   * Calls `check` until it returns true; an error counts as false.
   *
   * @throws StartFailed with the end of the log, if the process exits first or the time is over
   */
  async ready(check: () => Promise<boolean>, milliseconds: number): Promise<void> {
    const deadline = Date.now() + milliseconds;
    while (!(await check().catch(() => false))) {
      if (this.#how !== null) throw new StartFailed(`${this.name} ended (${this.#how}):\n${this.#tail()}`);
      if (Date.now() > deadline) {
        throw new StartFailed(`${this.name} is not ready after ${milliseconds} ms:\n${this.#tail()}`);
      }
      await sleep(30);
    }
  }

  /** Sends the signal and waits until the process has exited; sends SIGKILL after 10 seconds. */
  async stop(signal: NodeJS.Signals): Promise<void> {
    this.#child.kill(signal);
    const force = setTimeout(() => {
      this.kill();
    }, 10_000);
    await this.#ended;
    clearTimeout(force);
  }

  /**
   * Sends SIGKILL without waiting. Does nothing if the process has exited, so it never hits another process with that
   * pid.
   */
  kill(): void {
    this.#child.kill('SIGKILL');
  }

  #tail(): string {
    return readFileSync(this.#logFile, 'utf8').trimEnd().split('\n').slice(-25).join('\n');
  }
}

let prefix: readonly string[] | undefined;

/**
 * Returns a command prefix that ends a server with this process. Test runners kill a file that takes too long with
 * SIGKILL, and then no handler runs here. On Linux, setpriv (util-linux, as unshare) asks the kernel to end the
 * server, and execs it.
 */
function diesWithParent(): readonly string[] {
  const candidate = ['setpriv', '--pdeathsig', 'KILL'];
  prefix ??= spawnSync('setpriv', [...candidate.slice(1), 'true']).status === 0 ? candidate : [];
  return prefix;
}

/** The ports that this process has returned from `freePort`. Their servers may not listen yet, or may restart. */
const handedOut = new Set<number>();

/**
 * Returns a TCP port that is free on all addresses, and that it has not returned before. It is below the range for
 * outgoing connections (from 32768 on Linux), one of which could otherwise take the port while a server restarts.
 */
export async function freePort(): Promise<number> {
  for (let attempt = 0; attempt < 100; attempt++) {
    const port = 20_000 + Math.floor(Math.random() * 12_000);
    if (handedOut.has(port) || !(await canListen(port))) continue;
    handedOut.add(port);
    return port;
  }
  throw new Error('no free port between 20000 and 32000');
}

async function canListen(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.on('error', () => {
      resolve(false);
    });
    server.listen(port, '0.0.0.0', () => {
      server.close(() => {
        resolve(true);
      });
    });
  });
}
