import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import type { SecretManifest } from '../../../library/index.ts';
import { PACKAGE } from '../../support/package.ts';
import { KUBESEAL } from '../../support/program.ts';
import { kubeseal, run, type Ran } from '../../support/run.ts';
import { temporaryFolder } from '../../support/temporary.ts';
import { keyPem } from '../../support/vectors.ts';

const keys = temporaryFolder();

/** Runs the commands of an example in its folder, which is also the home, with kubeseal on the path. */
export class ExampleShell {
  readonly #path: string;

  /** @param path the folder of the example; it must exist */
  constructor(path: string) {
    this.#path = path;
    const bin = join(path, 'bin');
    mkdirSync(bin);
    const words = KUBESEAL.map((word) => `'${word}'`).join(' ');
    writeFileSync(join(bin, 'kubeseal'), `#!/bin/sh\nexec ${words} "$@"\n`);
    chmodSync(join(bin, 'kubeseal'), 0o755);
  }

  /** Runs commands. Fails if one of them does. */
  async run(script: string): Promise<Ran> {
    const folders = [
      join(this.#path, 'bin'),
      dirname(process.execPath),
      join(PACKAGE, 'node_modules', '.bin'),
    ];
    const path = [...folders, process.env['PATH']].join(delimiter);
    const env = { PATH: path, HOME: this.#path };
    const ran = await run('bash', ['--norc', '-euo', 'pipefail', '-c', script], { cwd: this.#path, env });
    assert.equal(ran.code, 0, ran.stdout + ran.stderr);
    return ran;
  }
}

/** Returns what kubeseal recovers from sealed text with a private key of the vectors. */
export async function recovered(sealed: string | Buffer, key: string): Promise<SecretManifest> {
  const file = keys.write(`${key}.pem`, keyPem(key));
  const ran = await kubeseal(['--recovery-unseal', '--recovery-private-key', file, '-o', 'json'], {
    stdin: sealed,
  });
  assert.equal(ran.code, 0, ran.stderr);
  return JSON.parse(ran.stdout) as SecretManifest;
}
