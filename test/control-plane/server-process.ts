import { spawn, spawnSync } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

/** A server did not get ready. */
export class StartFailed extends Error {
  override readonly name = 'StartFailed';
}

/** One child process whose output goes to a file. */
export class ServerProcess {
  readonly name: string;
  readonly #logFile: string;
  readonly #child: ChildProcess;
  readonly #ended: Promise<void>;
  #how: string | null = null;

  /** Starts it; `folder` is what it believes to be its home, for whatever it wants to write there. */
  constructor(name: string, binary: string, flags: readonly string[], logFile: string, folder: string) {
    this.name = name;
    this.#logFile = logFile;
    const log = openSync(logFile, 'a', 0o600);
    const [command, ...rest] = [...diesWithParent(), binary, ...flags];
    this.#child = spawn(command ?? binary, rest, {
      // Not our environment: with HTTPS_PROXY in it the apiserver would send its calls to pods there.
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
   * Asks `check` until it answers true; an error in it counts as false.
   *
   * @throws StartFailed with the end of the log, when the process ends first or the time is over
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

  /** Ends it and waits until it is gone; by SIGKILL when the signal has not done it after 10 seconds. */
  async stop(signal: NodeJS.Signals): Promise<void> {
    this.#child.kill(signal);
    const force = setTimeout(() => {
      this.kill();
    }, 10_000);
    await this.#ended;
    clearTimeout(force);
  }

  /** SIGKILL, without waiting. Does nothing when it has ended, so it never hits another process of that pid. */
  kill(): void {
    this.#child.kill('SIGKILL');
  }

  #tail(): string {
    return readFileSync(this.#logFile, 'utf8').trimEnd().split('\n').slice(-25).join('\n');
  }
}

let prefix: readonly string[] | undefined;

/**
 * Test runners end a file that takes too long with SIGKILL, and then no handler of ours runs. On Linux the
 * kernel can end the servers for us; setpriv (of util-linux, as unshare) asks it to and replaces itself.
 */
function diesWithParent(): readonly string[] {
  const candidate = ['setpriv', '--pdeathsig', 'KILL'];
  prefix ??= spawnSync('setpriv', [...candidate.slice(1), 'true']).status === 0 ? candidate : [];
  return prefix;
}

/**
 * A TCP port of 127.0.0.1 that nobody uses. Below the range for outgoing connections (from 32768 on Linux),
 * else one of those could take it while a server that is to come back on it is down.
 */
export async function freePort(): Promise<number> {
  for (let attempt = 0; attempt < 100; attempt++) {
    const port = 20_000 + Math.floor(Math.random() * 12_000);
    if (await canListen(port)) return port;
  }
  throw new Error('no free port between 20000 and 32000');
}

async function canListen(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.on('error', () => {
      resolve(false);
    });
    server.listen(port, '127.0.0.1', () => {
      server.close(() => {
        resolve(true);
      });
    });
  });
}
