import { StringDecoder } from 'node:string_decoder';
import { openTerminal, type TerminalListener } from './terminal.ts';
import { usageError } from '../flags/usage-error.ts';

/** Reads lines that nobody may see from the terminal. */
export interface HiddenInput {
  /** Shows a prompt and returns the line that the user types, without showing it. Rejects if the input ends. */
  ask(prompt: string): Promise<string>;
  /** Makes the terminal as it was. */
  close(): void;
}

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT'] as const;

/** The bytes that terminals send for keys, by name. */
const KEYS = {
  interrupt: '\u0003',
  end: '\u0004',
  backspace: '\b',
  deleteLine: '\u0015',
  quit: '\u001c',
  delete: '\u007f',
} as const;

/**
 * Opens the terminal of this process, also if stdin is redirected. The terminal shows nothing that is typed until
 * `close`, and is as before when a signal stops the program. Throws `Usage` without a terminal.
 */
export function openHiddenInput(flag: string): HiddenInput {
  const terminal =
    openTerminal() ??
    usageError(
      `${flag} needs a terminal to type the value; without one, read the value from stdin or a file`,
    );
  terminal.setRawMode(true);
  const restore = (): void => {
    terminal.setRawMode(false);
  };
  const stop = (signal: NodeJS.Signals): void => {
    cancel();
    restore();
    process.stderr.write('\n');
    process.kill(process.pid, signal);
  };
  // A stopped program leaves the terminal to the shell, which sets its own mode.
  const resume = (): void => {
    terminal.setRawMode(true);
  };
  const cancel = (): void => {
    for (const signal of SIGNALS) process.off(signal, stop);
    process.off('SIGCONT', resume);
    process.off('exit', restore);
  };
  for (const signal of SIGNALS) process.on(signal, stop);
  process.on('SIGCONT', resume);
  process.on('exit', restore);
  const lines = new HiddenLines(stop);
  terminal.listen(lines);
  return {
    ask: (prompt) => {
      process.stderr.write(prompt);
      return lines.next();
    },
    close: () => {
      cancel();
      restore();
      terminal.close();
    },
  };
}

/** Cuts what is typed into lines, and acts on the keys that the terminal does not handle while it shows nothing. */
class HiddenLines implements TerminalListener {
  readonly #stop: (signal: NodeJS.Signals) => void;
  readonly #decoder = new StringDecoder('utf8');
  readonly #lines: string[] = [];
  #line: string[] = [];
  #ended = false;
  #wake: () => void = () => undefined;

  constructor(stop: (signal: NodeJS.Signals) => void) {
    this.#stop = stop;
  }

  read(chunk: Buffer): void {
    for (const character of this.#decoder.write(chunk)) this.#take(character);
    this.#wake();
  }

  end(): void {
    this.#ended = true;
    this.#wake();
  }

  async next(): Promise<string> {
    for (;;) {
      const line = this.#lines.shift();
      if (line !== undefined) {
        process.stderr.write('\n');
        return line;
      }
      if (this.#ended) {
        process.stderr.write('\n');
        return usageError('the input ended before a value was typed; nothing was changed');
      }
      await new Promise<void>((resolve) => (this.#wake = resolve));
    }
  }

  #take(character: string): void {
    switch (character) {
      case '\r':
      case '\n':
        this.#lines.push(this.#line.join(''));
        this.#line = [];
        break;
      case KEYS.interrupt:
        this.#stop('SIGINT');
        break;
      case KEYS.quit:
        this.#stop('SIGQUIT');
        break;
      case KEYS.end:
        if (this.#line.length === 0) this.end();
        break;
      case KEYS.backspace:
      case KEYS.delete:
        this.#line.pop();
        break;
      case KEYS.deleteLine:
        this.#line = [];
        break;
      default:
        this.#line.push(character);
    }
  }
}
