import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { after } from 'node:test';
import { systemClock } from '../../shared/clock.ts';
import { run } from '../support/run.ts';

/** Whether tmux is installed. */
export const hasTmux = spawnSync('tmux', ['-V']).status === 0;

const never = new AbortController().signal;
/** How often to look at the screen, in ms, and for how long. */
const INTERVAL = 50;
const LIMIT = 60_000;

/** A terminal of 100 columns and 40 lines, in a tmux server of its own, with what a person does at it. */
export class Tmux {
  readonly #socket = `sealed-secrets-${randomBytes(8).toString('hex')}`;

  constructor() {
    after(() => {
      spawnSync('tmux', ['-L', this.#socket, 'kill-server']);
    });
  }

  /** Starts a shell that knows these variables and no others but PATH. */
  async start(env: Readonly<Record<string, string>>): Promise<void> {
    const variables = Object.entries({
      PATH: process.env['PATH'] ?? '',
      LANG: 'C.UTF-8',
      ...env,
    });
    const words = variables.flatMap(([name, value]) => ['-e', `${name}=${value}`]);
    await this.#tmux('-f', '/dev/null', 'new-session', '-d', '-x', '100', '-y', '40', ...words, 'sh -i');
    await this.waitFor(/[#$]/);
    // The echo of this does not hold the prompt itself.
    await this.enter("PS1='REA''DY> '");
    await this.waitFor('READY>');
  }

  /** Types text as it is. */
  async type(text: string): Promise<void> {
    await this.#tmux('send-keys', '-l', text);
  }

  /** Presses keys by their names, such as `Enter`, `Escape` and `C-c`. */
  async press(...keys: readonly string[]): Promise<void> {
    await this.#tmux('send-keys', ...keys);
  }

  /** Types a command line and runs it. */
  async enter(line: string): Promise<void> {
    await this.type(line);
    await this.press('Enter');
  }

  /** Returns what the screen shows. */
  async screen(): Promise<string> {
    return this.#tmux('capture-pane', '-p');
  }

  /** Waits until the screen shows a text, and returns the screen. */
  async waitFor(text: string | RegExp): Promise<string> {
    for (let waited = 0; ; waited += INTERVAL) {
      const screen = await this.screen();
      if (typeof text === 'string' ? screen.includes(text) : text.test(screen)) return screen;
      if (waited > LIMIT) throw new Error(`the screen does not show ${String(text)}:\n${screen}`);
      await systemClock.sleep(INTERVAL, never);
    }
  }

  async #tmux(...args: readonly string[]): Promise<string> {
    const { code, stdout, stderr } = await run('tmux', ['-L', this.#socket, ...args]);
    if (code !== 0) throw new Error(`tmux: ${stderr}`);
    return stdout;
  }
}
