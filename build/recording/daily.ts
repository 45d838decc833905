import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '../../shared/clock.ts';
import { makeKeyPair } from '../../shared/crypto/key-pair.ts';
import { NODE_ENTRY, PACKAGE } from '../package.ts';
import type { Cast } from './cast.ts';
import { recordSession, type Step } from './session.ts';

/** The folder of the recording of the daily commands. */
const FOLDER = join(PACKAGE, 'docs', 'recording');
/** The recording of the daily commands. */
export const CAST_FILE = join(FOLDER, 'daily.cast');
/** The picture of that recording. */
export const SVG_FILE = join(FOLDER, 'daily.svg');

const SIZE = { columns: 88, rows: 14 };
const YEAR = 365 * 24 * 60 * 60 * 1000;

const STEPS: readonly Step[] = [
  {
    typed: 'kubeseal create generic db -n shop --from-file ca.crt --prompt password -w db.yaml',
    asks: /password: /,
  },
  { typed: 'correct horse', asks: /again: / },
  { typed: 'correct horse' },
  { typed: "git add db.yaml && git commit -qm 'Add the credentials of the database'" },
  { typed: 'kubeseal set db.yaml password --prompt', asks: /password: / },
  { typed: 'correct horse battery', asks: /again: / },
  { typed: 'correct horse battery' },
  { typed: 'kubeseal diff db.yaml --git HEAD', code: 1 },
];

/** Runs the daily commands in a new Git repository and records the terminal. Needs the bundle of kubeseal. */
export async function recordDaily(): Promise<Cast> {
  const home = mkdtempSync(join(tmpdir(), 'kubeseal-recording-'));
  try {
    const [folder, programs] = [join(home, 'shop'), join(home, 'bin')];
    mkdirSync(folder);
    mkdirSync(programs);
    const kubeseal = join(programs, 'kubeseal');
    writeFileSync(kubeseal, `#!/bin/sh\nexec '${process.execPath}' '${NODE_ENTRY}' "$@"\n`);
    chmodSync(kubeseal, 0o755);
    const notBefore = systemClock.now();
    const { certificate } = await makeKeyPair({ bits: 2048, commonName: '', notBefore, validity: YEAR });
    const cert = join(home, 'cert.pem');
    writeFileSync(cert, certificate);
    writeFileSync(join(folder, 'ca.crt'), 'an example');
    writeFileSync(
      join(home, '.gitconfig'),
      '[user]\nname = ada\nemail = ada@example.com\n[init]\ndefaultBranch = main\n',
    );
    const environment = {
      PATH: `${programs}:${process.env['PATH'] ?? ''}`,
      HOME: home,
      SEALED_SECRETS_CERT: cert,
      GIT_CONFIG_NOSYSTEM: '1',
    };
    execFileSync('git', ['init', '-q'], { cwd: folder, env: environment });
    const events = await recordSession(STEPS, { ...SIZE, folder, environment });
    return { ...SIZE, title: 'kubeseal: create, commit, set, diff', events };
  } finally {
    rmSync(home, { recursive: true, force: true });
  }
}
