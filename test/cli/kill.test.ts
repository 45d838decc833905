import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import {
  chmodSync,
  existsSync,
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
import { parseCertificate } from '../../shared/crypto/parse-certificate.ts';
import { KUBESEAL } from '../support/program.ts';
import { randomFrom } from '../support/random.ts';
import { sealedSecret } from '../support/sealed.ts';
import { temporaryFolder } from '../support/temporary.ts';
import { certificatePem } from '../support/vectors.ts';

/** How often each command is killed. */
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

/** A whole file of digests. */
const DIGESTS = /^kubeseal digests 1\n[0-9a-f]{64}\n(?:[\w-]{22}\n)*$/;

/** The changes of a file that add an item "user". */
const CHANGES: Readonly<Record<string, (file: string) => readonly string[]>> = {
  'kubeseal --merge-into': (file) => ['-f', input, '--merge-into', file],
  'kubeseal set': (file) => ['set', file, 'user=bob'],
};

/** When to kill: the delay in ms after the start of the process, or of its writing. */
interface Moment {
  readonly after: 'start' | 'write' | 'never';
  readonly ms: number;
}

class Target {
  readonly #folder = temporaryFolder();
  readonly #cache = temporaryFolder();
  readonly real = this.#folder.write('sealed.yaml', OLD);
  readonly link = `${this.#folder.path}/link.yaml`;

  constructor() {
    chmodSync(this.real, 0o640);
    symlinkSync('sealed.yaml', this.link);
  }

  /** Changes the file and kills the process after a delay. Returns how it ended, and how long it took. */
  async change(
    change: (file: string) => readonly string[],
    { after, ms: delay }: Moment,
  ): Promise<{ signal: NodeJS.Signals | null; ms: number }> {
    const [command, ...first] = KUBESEAL;
    const args = [...first, ...change(this.link), '--cert', cert];
    const start = performance.now();
    const env = { PATH: process.env['PATH'], XDG_CACHE_HOME: this.#cache.path };
    const child = spawn(command, args, { stdio: 'ignore', env });
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
    const digests = `${this.#cache.path}/kubeseal/digests`;
    if (existsSync(digests)) assert.match(readFileSync(digests, 'utf8'), DIGESTS);
    return { isNew, left: others.length };
  }
}

for (const [what, change] of Object.entries(CHANGES)) {
  suite(`${what}, killed`, () => {
    test(`${RUNS} times at any moment, leaves the old file or the new one (KILL_SEED=${SEED})`, async (t) => {
      const targets = Array.from({ length: AT_ONCE }, () => new Target());
      const whole = await Promise.all(
        targets.map((target) => target.change(change, { after: 'never', ms: 0 })),
      );
      for (const target of targets) assert.deepEqual(target.check(), { isNew: true, left: 0 });
      const usual = Math.max(...whole.map(({ ms }) => ms));
      const next = randomFrom(SEED);
      const counts = { killed: 0, isNew: 0, left: 0 };
      for (let run = 0; run < RUNS; run += AT_ONCE) {
        await Promise.all(
          targets.map(async (target) => {
            const after = next() < 0.5 ? 'start' : 'write';
            const { signal } = await target.change(change, {
              after,
              ms: next() * (after === 'start' ? usual : 4),
            });
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
}
