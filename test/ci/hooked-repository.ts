import { delimiter } from 'node:path';
import { run, type Ran } from '../support/run.ts';
import { configWith, HOOK_VARIABLES } from './hook-environment.ts';
import { workspaceWith, writeFiles } from './workspace.ts';

/** A Git repository whose commits pre-commit checks with hooks of this repository. */
export class HookedRepository {
  readonly path: string;
  #programs = HOOK_VARIABLES.PATH;

  private constructor(path: string) {
    this.path = path;
  }

  /** Creates the repository below a folder. Its first commit has the configuration and these files, unchecked. */
  static async create(
    parent: string,
    files: Readonly<Record<string, string>> = {},
    config = configWith('kubeseal-lint'),
  ): Promise<HookedRepository> {
    const all = { ...files, '.pre-commit-config.yaml': config };
    const repository = new HookedRepository(workspaceWith(parent, all));
    await repository.follow(
      'git init -q -b main && git add . && git commit -q -m Start && pre-commit install',
    );
    return repository;
  }

  /** Adds a folder to the variable PATH of what runs from now on. */
  addToPath(folder: string): void {
    this.#programs = [folder, this.#programs].join(delimiter);
  }

  /** Writes files by their paths. */
  write(files: Readonly<Record<string, string>>): void {
    writeFiles(this.path, files);
  }

  /** Runs a script in the repository. */
  run(script: string): Promise<Ran> {
    const names = { GIT_AUTHOR_NAME: 'Ada', GIT_COMMITTER_NAME: 'Ada' };
    const addresses = { GIT_AUTHOR_EMAIL: 'ada@example.com', GIT_COMMITTER_EMAIL: 'ada@example.com' };
    const own = { PATH: this.#programs, HOME: this.path };
    const env = { ...HOOK_VARIABLES, ...names, ...addresses, ...own };
    return run('bash', ['--norc', '-euo', 'pipefail', '-c', script], { cwd: this.path, env });
  }

  /** Runs a script that has to succeed. Returns its stdout. */
  async follow(script: string): Promise<string> {
    const { code, stdout, stderr } = await this.run(script);
    if (code !== 0) throw new Error(`${script}\n${stdout}${stderr}`);
    return stdout;
  }
}
