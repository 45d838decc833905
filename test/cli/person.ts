import { chmodSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { KUBESEAL } from '../support/program.ts';
import type { temporaryFolder } from '../support/temporary.ts';
import { Tmux } from './tmux.ts';

/** What a command line did at a terminal. */
export interface Done {
  readonly code: number;
  /** What the terminal shows at its end. */
  readonly screen: string;
}

/** A person who types command lines at a terminal, in a folder, with `kubeseal` on the path. */
export class Person {
  readonly #folder: ReturnType<typeof temporaryFolder>;
  readonly #terminal = new Tmux();
  #typed = 0;

  constructor(folder: ReturnType<typeof temporaryFolder>) {
    this.#folder = folder;
  }

  /** Opens the terminal, with these environment variables. */
  async start(env: Readonly<Record<string, string>>): Promise<void> {
    const bin = join(this.#folder.path, 'bin');
    mkdirSync(bin, { recursive: true });
    const words = KUBESEAL.map((word) => `'${word}'`).join(' ');
    chmodSync(this.#folder.write('bin/kubeseal', `#!/bin/sh\nexec ${words} "$@"\n`), 0o755);
    await this.#terminal.start({ HOME: this.#folder.path, ...env });
    // The profile of the machine may set PATH.
    await this.#terminal.enter(`cd '${this.#folder.path}'; PATH='${bin}':$PATH`);
  }

  /** Types a command line and the answers to its prompts, each twice if it is asked for again. */
  async does(line: string, answers: readonly string[] = []): Promise<Done> {
    const number = ++this.#typed;
    const command = line.replace(/\s+#.*$/, '');
    // What is printed first tells a prompt from the echo of the command line, which may end with a colon as well.
    const begin = `line ${number}: begin\n`;
    const end = new RegExp(`^line ${number}: code (?<code>\\d+)$`, 'm');
    await this.#terminal.enter(
      `clear; echo 'line' ${number}: begin; ${command}; echo "line ${number}: code $?"`,
    );
    for (const answer of answers) {
      for (const asked of ['[^n]', ' again']) {
        await this.#terminal.waitFor(new RegExp(`^${begin}[^]*^[^\\n]*${asked}: ?$`, 'm'));
        await this.#terminal.enter(answer);
      }
    }
    const screen = await this.#terminal.waitFor(end);
    return { code: Number(end.exec(screen)?.groups?.['code']), screen: screen.replace(begin, '') };
  }
}
