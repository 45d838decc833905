import { execFile } from 'node:child_process';
import { cpSync, mkdtempSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { PACKAGE } from '../support/package.ts';
import type { CheckoutShell } from '../support/checkout-shell.ts';
import type { Ran } from '../support/run.ts';

const GIT_CONFIG = `[user]\n\tname = Ada\n\temail = ada@example.com\n[init]\n\tdefaultBranch = main\n`;

/**
 * A Git repository with the files of an example, as a user has it: a clone in the folder of the shell, and the repository
 * that it is pushed to.
 */
export class Repository {
  readonly #shell: CheckoutShell;
  readonly #example: string;

  constructor(shell: CheckoutShell, example: string) {
    this.#shell = shell;
    this.#example = example;
  }

  get #origin(): string {
    return join(this.#shell.path, 'origin.git');
  }

  /** The folder of the clone. */
  get path(): string {
    return join(this.#shell.path, 'gitops');
  }

  /** Creates both repositories and pushes the files of the example. The shell is open. */
  async create(): Promise<void> {
    this.#shell.write('.gitconfig', GIT_CONFIG);
    const made = await this.#shell.run('git init -q --bare origin.git && git clone -q origin.git gitops');
    if (made.code !== 0) throw new Error(made.stderr);
    cpSync(join(PACKAGE, 'examples', this.#example), this.path, { recursive: true });
    const pushed = await this.run('git add . && git commit -qm Start && git push -q origin HEAD');
    if (pushed.code !== 0) throw new Error(pushed.stderr);
  }

  /** Runs a script in the clone. */
  run(script: string): Promise<Ran> {
    return this.#shell.run(`cd gitops\n${script}`);
  }

  /** Runs a script in the clone that has to succeed. Returns its stdout. */
  async follow(script: string): Promise<string> {
    const ran = await this.run(script);
    if (ran.code !== 0) throw new Error(`${script}\n${ran.stderr}`);
    return ran.stdout;
  }

  /** Returns the commit that is pushed. */
  async revision(): Promise<string> {
    return (await this.#git('--git-dir', this.#origin, 'rev-parse', 'main')).trim();
  }

  /** Clones what is pushed, as a tool in the cluster does. Returns the folder. */
  async checkout(): Promise<string> {
    const folder = mkdtempSync(join(this.#shell.path, 'checkout-'));
    await this.#git('clone', '-q', this.#origin, folder);
    return folder;
  }

  async #git(...args: readonly string[]): Promise<string> {
    const env = { PATH: process.env['PATH'], HOME: this.#shell.path };
    return (await promisify(execFile)('git', args, { env })).stdout;
  }
}
