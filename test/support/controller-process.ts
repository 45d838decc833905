import { fail } from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import { dirname } from 'node:path';
import type { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseCertificate } from '../../shared/crypto/parse-certificate.ts';
import type { Certificate } from '../../shared/crypto/certificate.ts';
import { at, stringAt } from '../control-plane/admin-client.ts';
import { atEnd } from '../control-plane/lifetime.ts';
import { ask } from './ask.ts';
import { CONTROLLER } from './package.ts';
import { until } from '../control-plane/until.ts';

/** A line of the controller's JSON log. */
export interface LogLine {
  readonly level: string;
  readonly message: string;
  readonly code: string;
  readonly failure: string;
  /** The complete line. */
  readonly line: string;
}

/** How to start a controller process. */
export interface ProcessOptions {
  /** The working directory. */
  readonly cwd?: string;
  /** Variables in addition to those of a pod. */
  readonly env?: NodeJS.ProcessEnv;
  /** The command that runs the controller's file; by default the file runs by its shebang line. */
  readonly interpreter?: readonly string[];
  /** The command to run instead of the controller's file. */
  readonly command?: readonly string[];
}

/** How long to wait for a page of metrics, in ms. A process that hangs does not return one. */
const PAGE = 5_000;

/** A controller that runs in its own process, with everything that it has written. */
export class ControllerProcess {
  static readonly #all: ControllerProcess[] = [];
  /** All controllers that the tests of one file have started. */
  static get all(): readonly ControllerProcess[] {
    return ControllerProcess.#all;
  }

  readonly #child: ChildProcess;
  /** When the cached page of metrics has expired, by `performance.now()`. */
  #nextPage = 0;
  readonly #exited: Promise<number | null>;
  readonly #forget: () => void;
  /** Whether the process has ended and all its output has been read. */
  #isClosed = false;
  #output = '';
  #pages = '';

  constructor(args: readonly string[], env: NodeJS.ProcessEnv, options: ProcessOptions = {}) {
    // Run the file by its shebang line, which has the flags for Node.
    const program = options.command ?? [...(options.interpreter ?? []), CONTROLLER];
    const [command = CONTROLLER, ...rest] = [...program, ...args];
    this.#child = spawn(command, rest, {
      env: {
        PATH: `${dirname(process.execPath)}:${process.env['PATH'] ?? ''}`,
        // The tests parse the log.
        SEALED_SECRETS_LOG_FORMAT: 'json',
        // Any free port: several controllers run side by side.
        SEALED_SECRETS_LISTEN_METRICS_ADDR: '127.0.0.1:0',
        ...env,
        ...options.env,
      },
      stdio: ['ignore', 'pipe', 'pipe'],
      ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
    });
    for (const stream of [this.#child.stdout, this.#child.stderr]) if (stream) this.#collect(stream);
    this.#exited = new Promise((resolve) => this.#child.once('close', resolve));
    void this.#exited.then(() => (this.#isClosed = true));
    this.#forget = atEnd(() => this.#child.kill('SIGKILL'));
    ControllerProcess.#all.push(this);
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  /** Whether the process has not ended yet. */
  get isRunning(): boolean {
    return this.#child.exitCode === null && this.#child.signalCode === null;
  }

  /** All lines written to stdout and stderr so far. */
  get output(): string {
    return this.#output;
  }

  /** The output, and the pages of metrics that were read. */
  get shown(): string {
    return this.#output + this.#pages;
  }

  /** The log lines so far, without any other output. */
  get log(): readonly LogLine[] {
    return this.#output.split('\n').flatMap((line) => {
      if (!line.startsWith('{')) return [];
      const fields: unknown = JSON.parse(line);
      const text = (name: string): string => {
        const value = at(fields, name);
        return typeof value === 'string' ? value : '';
      };
      return [
        {
          level: text('level').toLowerCase(),
          message: text('msg'),
          code: text('code'),
          failure: text('failure'),
          line,
        },
      ];
    });
  }

  /** Waits for a log line that contains the text, and returns it. */
  async logged(text: string): Promise<string> {
    const line = await until(`"${text}"`, () => {
      const found = this.#output.split('\n').find((each) => each.includes(text));
      return found ?? (this.#isClosed ? null : undefined);
    }).catch(() => null);
    return line ?? fail(`"${text}" is not in the controller's log:\n${this.#output}`);
  }

  /** Returns the server's address as `http://HOST:PORT`. */
  async url(): Promise<string> {
    const line: unknown = JSON.parse(await this.logged('"listening"'));
    return `http://${stringAt(line, 'listening')}`;
  }

  /** Returns the address of the metrics as `http://HOST:PORT`. */
  async metricsUrl(): Promise<string> {
    const line: unknown = JSON.parse(await this.logged('"metrics"'));
    return `http://${stringAt(line, 'metrics')}`;
  }

  /** Returns the text of `/metrics`. */
  async metrics(): Promise<string> {
    const url = `${await this.metricsUrl()}/metrics`;
    await sleep(Math.max(0, this.#nextPage - performance.now()));
    const asked = performance.now();
    const { status, body: page } = await ask('GET', url);
    if (status !== 200) throw new Error(`/metrics answered ${status}`);
    // The server caches a page for ten times as long as it took to generate.
    this.#nextPage = performance.now() + 10 * (performance.now() - asked);
    this.#pages += page;
    return page;
  }

  /** Reads the metrics once more, if the process still serves them. */
  async lastPage(): Promise<void> {
    const { exitCode, signalCode } = this.#child;
    if (exitCode !== null || signalCode !== null || !this.#output.includes('"metrics"')) return;
    const signal = AbortSignal.timeout(PAGE);
    const page = await fetch(`${await this.metricsUrl()}/metrics`, { signal }).catch(() => undefined);
    this.#pages += (await page?.text().catch(() => '')) ?? '';
  }

  /** Returns the certificate that the controller serves for sealing. */
  async certificate(): Promise<Certificate> {
    const { status, body } = await ask('GET', `${await this.url()}/v1/cert.pem`);
    return parseCertificate(body, `the answer ${status} of the controller`);
  }

  /**
   * Waits for the process to end, and kills it after `timeout` ms. Returns the exit code, or null if a signal ended
   * it.
   */
  async ended(timeout = 60_000): Promise<number | null> {
    const force = setTimeout(() => this.#child.kill('SIGKILL'), timeout);
    const code = await this.#exited;
    clearTimeout(force);
    this.#forget();
    return code;
  }

  /** Appends what a stream writes to the output, in whole lines. */
  #collect(stream: Readable): void {
    let rest = '';
    stream.setEncoding('utf8').on('data', (chunk: string) => {
      const text = rest + chunk;
      const end = text.lastIndexOf('\n') + 1;
      this.#output += text.slice(0, end);
      rest = text.slice(end);
    });
    stream.on('end', () => (this.#output += rest));
  }

  signal(name: NodeJS.Signals): void {
    this.#child.kill(name);
  }

  /**
   * Sends the signal and waits for the process to end. Returns the exit code, or null if the signal itself ended it.
   */
  async stop(name: NodeJS.Signals = 'SIGTERM'): Promise<number | null> {
    if (name === 'SIGTERM') await this.lastPage();
    this.#child.kill(name);
    return this.ended();
  }
}
