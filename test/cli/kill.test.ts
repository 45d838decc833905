import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import {
  chmodSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  symlinkSync,
  watch,
} from 'node:fs';
import { suite, test } from 'node:test';
import { systemClock } from '../../shared/clock.ts';
import { parseCertificate } from '../../shared/crypto/certificate.ts';
import { KUBESEAL } from '../support/program.ts';
import { randomFrom } from '../support/random.ts';
import { sealedSecret } from '../support/sealed.ts';
import { temporaryFolder } from '../support/temporary.ts';
import { certificatePem } from '../support/vectors.ts';

const RUNS = 200;
/** How many processes run at once, each in its own folder. */
const AT_ONCE = 4;
const SEED = Number(process.env['KILL_SEED'] ?? 1);
const never = new AbortController().signal;

const inputs = temporaryFolder();
const pem = certificatePem('c2048');
const cert = inputs.write('cert.pem', pem);
const input = inputs.write('input.yaml', 'metadata: {name: db}\nstringData: {user: bob}\n');

/** A file of many blocks of the disk, most of it one item that stays as it is. */
const OLD = `${JSON.stringify(
  sealedSecret(
    parseCertificate(pem, 'c2048'),
    { name: 'db', namespace: 'prod' },
    { old: 'x'.repeat(100_000) },
  ),
  null,
  2,
)}\n`;

/** When to kill: the delay in ms after the start of the process, or of its writing. */
interface Moment {
  readonly after: 'start' | 'write' | 'never';
  readonly ms: number;
}

class Target {
  readonly #folder = temporaryFolder();
  readonly real = this.#folder.write('sealed.yaml', OLD);
  readonly link = `${this.#folder.path}/link.yaml`;

  constructor() {
    chmodSync(this.real, 0o640);
    symlinkSync('sealed.yaml', this.link);
  }

  /** Merges into the file and kills the process after a delay. Returns how it ended, and how long it took. */
  async merge({ after, ms: delay }: Moment): Promise<{ signal: NodeJS.Signals | null; ms: number }> {
    const [command, ...first] = KUBESEAL;
    const args = [...first, '--cert', cert, '-f', input, '--merge-into', this.link];
    const start = performance.now();
    const child = spawn(command, args, { stdio: 'ignore', env: { PATH: process.env['PATH'] } });
    const ended = new Promise<NodeJS.Signals | null>((resolve, reject) => {
      child.on('error', reject).on('exit', (_, signal) => resolve(signal));
    });
    const kill = (): void => void systemClock.sleep(delay, never).then(() => child.kill('SIGKILL'));
    if (after === 'start') kill();
    const watcher = watch(this.#folder.path, () => {
      if (after === 'write') kill();
    });
    const signal = await ended;
    watcher.close();
    return { signal, ms: performance.now() - start };
  }

  /** Checks that the file is either the complete old or new one, restores the old one, and counts files left over. */
  check(): { isNew: boolean; left: number } {
    const text = readFileSync(this.link, 'utf8');
    const isNew = text !== OLD;
    assert.ok(
      !isNew || text.replace(/,\n *"user": "[\w+/]+=*"/, '') === OLD,
      'neither the old file nor the new one',
    );
    assert.equal(readlinkSync(this.link), 'sealed.yaml');
    assert.equal(statSync(this.real).mode & 0o777, 0o640);
    const others = readdirSync(this.#folder.path).filter((name) => !/^(sealed|link)\.yaml$/.test(name));
    for (const name of others) {
      assert.match(name, /^\.kubeseal-[0-9a-f]{16}\.tmp$/);
      rmSync(`${this.#folder.path}/${name}`);
    }
    if (isNew) this.#folder.write('sealed.yaml', OLD);
    return { isNew, left: others.length };
  }
}

suite('kubeseal --merge-into, killed', () => {
  test(`${RUNS} times at any moment, leaves the old file or the new one (KILL_SEED=${SEED})`, async (t) => {
    const targets = Array.from({ length: AT_ONCE }, () => new Target());
    const whole = await Promise.all(targets.map((target) => target.merge({ after: 'never', ms: 0 })));
    for (const target of targets) assert.deepEqual(target.check(), { isNew: true, left: 0 });
    const usual = Math.max(...whole.map(({ ms }) => ms));
    const next = randomFrom(SEED);
    const counts = { killed: 0, isNew: 0, left: 0 };
    for (let run = 0; run < RUNS; run += AT_ONCE) {
      await Promise.all(
        targets.map(async (target) => {
          const after = next() < 0.5 ? 'start' : 'write';
          const { signal } = await target.merge({ after, ms: next() * (after === 'start' ? usual : 4) });
          const { isNew, left } = target.check();
          counts.killed += signal === 'SIGKILL' ? 1 : 0;
          counts.isNew += isNew ? 1 : 0;
          counts.left += left;
        }),
      );
    }
    t.diagnostic(`${counts.killed} killed, ${counts.isNew} new files, ${counts.left} temporary files left`);
    assert.ok(counts.killed > 0);
  });
});
