import { spawn } from 'node:child_process';
import { chmodSync, mkdirSync, readFileSync, symlinkSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { findHelm } from '../../build/helm.ts';
import { findBinaries } from '../control-plane/binaries.ts';
import { CONTROLLER, PACKAGE } from './package.ts';
import { KUBESEAL } from './program.ts';
import { run, type Ran } from './run.ts';
import { temporaryFolder } from './temporary.ts';

/** What the commands of the guides expect in a checkout. */
const CHECKOUT = ['crds', 'dist', 'helm'];

/**
 * Runs commands of the guides as they are, in a shell whose folder has what a checkout has, with kubectl, helm and the
 * project's two programs on the path, and with a kubeconfig. Create it outside of hooks and tests.
 */
export class CheckoutShell {
  readonly #folder = temporaryFolder();

  /** The path of its folder, which is also its home. */
  get path(): string {
    return this.#folder.path;
  }

  /** Installs the programs and the kubeconfig. */
  async open(kubeconfig: string): Promise<void> {
    const kubectl = (await findBinaries(['kubectl'], () => undefined)).get('kubectl') ?? 'kubectl';
    const helm = await findHelm(() => undefined);
    for (const name of ['bin', '.kube']) mkdirSync(join(this.path, name));
    const programs = { kubectl, helm, 'sealed-secrets-controller': CONTROLLER };
    for (const [name, target] of Object.entries(programs)) symlinkSync(target, join(this.path, 'bin', name));
    const words = KUBESEAL.map((word) => `'${word}'`).join(' ');
    chmodSync(this.write('bin/kubeseal', `#!/bin/sh\nexec ${words} "$@"\n`), 0o755);
    for (const name of CHECKOUT) symlinkSync(join(PACKAGE, name), join(this.path, name));
    symlinkSync(kubeconfig, join(this.path, '.kube', 'config'));
  }

  /** Runs a script until it exits. */
  run(script: string): Promise<Ran> {
    return run('bash', ['-xeuo', 'pipefail', '-c', script], { cwd: this.path, env: this.#environment() });
  }

  /** Starts a script whose last command stays, in a process group of its own. Returns what ends it. */
  start(script: string): () => Promise<void> {
    const options = { cwd: this.path, env: this.#environment(), detached: true, stdio: 'ignore' } as const;
    const child = spawn('bash', ['-euc', script], options);
    const ended = new Promise<void>((resolve) =>
      child.on('error', () => resolve()).on('exit', () => resolve()),
    );
    return async () => {
      if (child.pid !== undefined && child.exitCode === null) process.kill(-child.pid, 'SIGTERM');
      await ended;
    };
  }

  /** Reads a file of its folder. */
  read(name: string): string {
    return readFileSync(join(this.path, name), 'utf8');
  }

  /** Writes a file into its folder. Returns the path. */
  write(name: string, text: string): string {
    return this.#folder.write(name, text);
  }

  #environment(): NodeJS.ProcessEnv {
    const path = [join(this.path, 'bin'), dirname(process.execPath), process.env['PATH']].join(delimiter);
    return { PATH: path, HOME: this.path };
  }
}
