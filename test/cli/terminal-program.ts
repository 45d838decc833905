import { spawn, spawnSync, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { KUBESEAL } from '../support/program.ts';

/** Whether there is the `script` of util-linux, which provides a terminal. */
export function hasTerminal(): boolean {
  return spawnSync('script', ['-qec', 'true', '/dev/null']).status === 0;
}

/** What a program left behind on its terminal. */
export interface Ended {
  /** Everything that the terminal showed before the settings. */
  readonly shown: string;
  /** What `stty -a` showed after the program. */
  readonly settings: string;
  /** The exit code, as a shell tells it: 128 and the number of a signal. */
  readonly code: number;
}

const SETTINGS = 'SETTINGS:';

/** A kubeseal, or another program, on a terminal, in a shell that then shows the exit code and the settings of the terminal. */
export class TerminalProgram {
  readonly #child: ChildProcessWithoutNullStreams;
  readonly #folder = mkdtempSync(join(tmpdir(), 'sealed-secrets-terminal-'));
  readonly #ended: Promise<void>;
  #output = '';
  #seen = 0;
  #wake: () => void = () => undefined;

  /**
   * @param redirect a redirection of the shell, such as `</dev/null`
   * @param program another program than kubeseal
   */
  constructor(args: readonly string[], redirect = '', program: readonly string[] = KUBESEAL) {
    const command = [...program, ...args]
      .map((word) => `'${word.replaceAll("'", String.raw`'\''`)}'`)
      .join(' ');
    const recorded = `sh -c 'echo $$ > "$0"; exec "$@"' ${this.#folder}/pid ${command} ${redirect}`;
    const shell = `${recorded}; code=$?; echo; echo ${SETTINGS}$code; stty -a`;
    this.#child = spawn('script', ['-qec', `bash -c ${quoted(shell)}`, '/dev/null'], {
      env: { PATH: process.env['PATH'], HOME: '/nonexistent', TERM: 'xterm', NO_COLOR: '1', LANG: 'C.UTF-8' },
    });
    this.#child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
      this.#output += chunk;
      this.#wake();
    });
    this.#ended = new Promise((resolve) => {
      this.#child.on('close', () => {
        resolve();
        this.#wake();
      });
    });
  }

  /** Waits until the terminal shows a text. */
  async sees(text: string): Promise<void> {
    for (;;) {
      const at = this.#output.indexOf(text, this.#seen);
      if (at >= 0) {
        this.#seen = at + text.length;
        return;
      }
      if (this.#child.exitCode !== null)
        throw new Error(`the program has ended: ${JSON.stringify(this.#output)}`);
      await new Promise<void>((resolve) => (this.#wake = resolve));
    }
  }

  /** Types keys when the terminal shows a prompt. */
  async answer(prompt: string, keys: string): Promise<void> {
    await this.sees(prompt);
    this.#child.stdin.write(keys);
  }

  /** Sends a signal to the program alone. */
  async signal(name: 'TERM' | 'HUP' | 'INT'): Promise<void> {
    let pid = '';
    while (pid === '') {
      pid = readFileSync(join(this.#folder, 'pid'), 'utf8').trim();
      await sleep(10);
    }
    process.kill(Number(pid), `SIG${name}`);
  }

  async ended(): Promise<Ended> {
    await this.#ended;
    rmSync(this.#folder, { recursive: true, force: true });
    const [shown = '', rest = ''] = this.#output.split(SETTINGS);
    return { shown, settings: rest, code: Number.parseInt(rest, 10) };
  }
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", String.raw`'\''`)}'`;
}
