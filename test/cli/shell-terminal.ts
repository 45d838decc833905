import { spawn, spawnSync, type ChildProcessWithoutNullStreams } from 'node:child_process';
import type { Shell } from '../../cli/flags/completion/scripts.ts';

const COMMANDS: Readonly<Record<Shell, string>> = {
  bash: 'bash --norc --noprofile -i',
  zsh: 'zsh -f -i',
  fish: 'fish --no-config -i',
};
const PROMPT = 'READY> ';
/** The echo of this does not hold the prompt itself. */
const SET_PROMPT: Readonly<Record<Shell, string>> = {
  bash: "PS1='REA''DY> '",
  zsh: "PS1='REA''DY> '",
  fish: "function fish_prompt; printf 'REA''DY> '; end",
};

/** Whether this shell is installed, and the `script` of util-linux, which provides a terminal. */
export function hasShell(shell: Shell): boolean {
  return [shell, 'script'].every((command) => spawnSync(command, ['--version']).status === 0);
}

/** A shell on a pseudo-terminal. */
export class ShellTerminal {
  readonly #child: ChildProcessWithoutNullStreams;
  readonly #ended: Promise<void>;
  #output = '';
  #seen = 0;
  #wake: () => void = () => undefined;

  constructor(shell: Shell, environment: NodeJS.ProcessEnv) {
    this.#child = spawn('script', ['-qfec', COMMANDS[shell], '/dev/null'], {
      env: { TERM: 'xterm', LANG: 'C.UTF-8', ...environment },
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
    this.#child.stdin.write(`${SET_PROMPT[shell]}\n`);
  }

  /** Types keys, and returns what the terminal showed until the next prompt. */
  async type(keys: string): Promise<string> {
    await this.#nextPrompt();
    const from = this.#output.length;
    this.#child.stdin.write(keys);
    await this.#nextPrompt();
    // The prompt stays for the keys that follow.
    this.#seen = this.#output.lastIndexOf(PROMPT);
    return this.#output.slice(from);
  }

  async close(): Promise<void> {
    this.#child.stdin.end();
    this.#child.kill();
    await this.#ended;
  }

  async #nextPrompt(): Promise<void> {
    for (;;) {
      const at = this.#output.indexOf(PROMPT, this.#seen);
      if (at >= 0) {
        this.#seen = at + PROMPT.length;
        return;
      }
      if (this.#child.exitCode !== null)
        throw new Error(`the shell has ended: ${JSON.stringify(this.#output)}`);
      await new Promise<void>((resolve) => (this.#wake = resolve));
    }
  }
}
