import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import type { CastEvent } from './cast.ts';

/** A line that someone types: after a prompt of the shell, or the answer to a question of a program. */
export interface Step {
  readonly typed: string;
  /** What ends the program's output: its own question; the shell's prompt by default. */
  readonly asks?: RegExp;
  /** The exit code of the command, if the prompt follows; 0 by default. */
  readonly code?: number;
}

/** How to start the shell. */
export interface SessionOptions {
  readonly columns: number;
  readonly rows: number;
  readonly folder: string;
  readonly environment: NodeJS.ProcessEnv;
}

const PROMPT = '$ ';
const ESCAPE = '\u001b';
/** Stands where the shell waits for a command, with the exit code of the last one. Terminals ignore it. */
const READY = new RegExp(String.raw`${ESCAPE}\[\?7777;(?<code>\d+)h`);
const SET_PROMPT = String.raw`PS1=; PROMPT_COMMAND='printf "\e[?7777;%dh" $?'`;
/** Times in seconds. They are made up, so that each recording of the same output is the same. */
const TIMES = { key: 0.045, beforeTyping: 0.9, afterTyping: 0.5, newLine: 0.1, prompt: 0.4 };
/** How many characters appear at once. */
const CHUNK = 3;

/**
 * Types lines into bash on a pseudo-terminal, and returns what the terminal shows. The timing is made up. Needs the
 * `script` of util-linux. Throws if a command fails.
 */
export async function recordSession(
  steps: readonly Step[],
  options: SessionOptions,
): Promise<readonly CastEvent[]> {
  const terminal = new Terminal(options);
  const events: CastEvent[] = [];
  let time = 0;
  const show = (output: string, pause: number): void => {
    time += pause;
    events.push({ time, output });
  };
  try {
    await terminal.until(READY);
    show(PROMPT, 0);
    for (const { typed, asks, code = 0 } of steps) {
      time += TIMES.beforeTyping;
      terminal.type(typed);
      const { output, end } = await terminal.until(asks ?? READY);
      const ended = Number(end.groups?.['code'] ?? code);
      if (ended !== code) throw new Error(`exit code ${ended}: ${output}`);
      const isEchoed = output.startsWith(typed);
      for (const chunk of isEchoed ? chunksOf(typed) : []) show(chunk, TIMES.key * chunk.length);
      time += TIMES.afterTyping;
      const rest = output.slice(isEchoed ? typed.length : 0);
      for (const line of rest.split(/(?<=\n)/)) show(line, TIMES.newLine);
      show(asks ? end[0] : PROMPT, TIMES.prompt);
    }
  } finally {
    await terminal.close();
  }
  return events.filter(({ output }) => output !== '');
}

function chunksOf(text: string): readonly string[] {
  return text.match(new RegExp(`.{1,${CHUNK}}`, 'gu')) ?? [];
}

/** bash on a pseudo-terminal. */
class Terminal {
  readonly #child: ChildProcessWithoutNullStreams;
  #output = '';
  #wake: () => void = () => undefined;
  readonly #ended: Promise<void>;
  #hasEnded = false;

  constructor({ columns, rows, folder, environment }: SessionOptions) {
    this.#child = spawn('script', ['-qfec', 'bash --norc --noprofile --noediting -i', '/dev/null'], {
      cwd: folder,
      env: { TERM: 'xterm', LANG: 'C.UTF-8', HISTFILE: '/dev/null', ...environment },
    });
    this.#child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
      this.#output += chunk;
      this.#wake();
    });
    this.#ended = new Promise((resolve) => {
      this.#child.on('close', () => {
        this.#hasEnded = true;
        this.#wake();
        resolve();
      });
    });
    this.type(`stty cols ${columns} rows ${rows}; ${SET_PROMPT}`);
  }

  /** Types a line. */
  type(line: string): void {
    this.#child.stdin.write(`${line}\n`);
  }

  /** Returns the output up to the first match, and the match. Throws if the shell ends. */
  async until(pattern: RegExp): Promise<{ readonly output: string; readonly end: RegExpExecArray }> {
    for (;;) {
      const end = pattern.exec(this.#output);
      if (end !== null) {
        const output = this.#output.slice(0, end.index);
        this.#output = this.#output.slice(end.index + end[0].length);
        return { output, end };
      }
      if (this.#hasEnded) throw new Error(`the shell has ended: ${this.#output}`);
      await new Promise<void>((resolve) => (this.#wake = resolve));
    }
  }

  /** Ends the shell, and waits until it has ended. */
  async close(): Promise<void> {
    this.#child.kill();
    await this.#ended;
  }
}
