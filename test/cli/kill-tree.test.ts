import assert from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync, watch, writeFileSync } from 'node:fs';
import { beforeEach, suite, test } from 'node:test';
import { systemClock } from '../../shared/clock.ts';
import { parseCertificate } from '../../shared/crypto/parse-certificate.ts';
import { certificateOf, pkcs8, rsa } from '../support/keys.ts';
import { KUBESEAL } from '../support/program.ts';
import { randomFrom } from '../support/random.ts';
import { sealedItem, sealedSecret } from '../support/sealed.ts';
import { temporaryFolder } from '../support/temporary.ts';
import { certificatePem, keyPem } from '../support/vectors.ts';
import { json } from './fake-api-server.ts';
import { answerOf, FakeController } from './fake-controller.ts';
import { inProcess } from './in-process.ts';
import { itemsOf } from './opened.ts';
import { treeOf } from './tree.ts';

const RUNS = 60;
const FILES = 12;
const AT_ONCE = 3;
const SEED = Number(process.env['KILL_SEED'] ?? 1);
const never = new AbortController().signal;

const inputs = temporaryFolder();
const oldKey = rsa();
const old = parseCertificate(await certificateOf(oldKey), 'old');
const cert = inputs.write('cert.pem', certificatePem('c2048'));
const keys = inputs.write('keys.pem', pkcs8(oldKey) + keyPem('c2048'));
const OFFLINE = ['--recovery-private-key', keys, '--cert', cert];

function sealed(name: string): string {
  return `# by ops\n${JSON.stringify(sealedSecret(old, { name, namespace: 'prod' }, { password: 'hunter2' }), null, 2)}\n`;
}

/** What the controller answers. */
const ITEM = sealedItem(old, { name: 'a', namespace: 'prod' }, 'new');

function start(args: readonly string[]): ChildProcess {
  const [command, ...first] = KUBESEAL;
  return spawn(command, [...first, ...args], { env: { PATH: process.env['PATH'] } });
}

/** Waits for the end of a process. Returns the signal that ended it, and what it printed to stderr. */
async function ended(child: ChildProcess): Promise<{ signal: NodeJS.Signals | null; stderr: string }> {
  let stderr = '';
  child.stderr?.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
  const [, signal] = (await once(child, 'close')) as [number | null, NodeJS.Signals | null];
  return { signal, stderr };
}

suite('kubeseal re-encrypt DIR, killed', () => {
  test(`${RUNS} times at any moment, leaves each file old or new (KILL_SEED=${SEED})`, async (t) => {
    const names = Array.from({ length: FILES }, (_, index) => `${index % 3}/${index}.yaml`);
    const before = Object.fromEntries(names.map((name, index) => [name, sealed(`db-${index}`)]));
    const root = treeOf(before);
    const args = ['re-encrypt', root, '--concurrency', String(AT_ONCE), ...OFFLINE];
    const startedAt = performance.now();
    assert.equal((await ended(start(args))).signal, null);
    const usual = performance.now() - startedAt;
    const next = randomFrom(SEED);
    const counts = { killed: 0, old: 0, new: 0, left: 0 };
    for (let run = 0; run < RUNS; run++) {
      for (const [name, text] of Object.entries(before)) writeFileSync(`${root}/${name}`, text);
      const child = start(args);
      const after = next() < 0.3 ? 'start' : 'write';
      const kill = (): void =>
        void systemClock
          .sleep(next() * (after === 'start' ? usual : 10), never)
          .then(() => child.kill('SIGKILL'));
      if (after === 'start') kill();
      const watcher = watch(root, { recursive: true });
      if (after === 'write') watcher.once('change', kill);
      const { signal } = await ended(child);
      watcher.close();
      counts.killed += signal === 'SIGKILL' ? 1 : 0;
      for (const [name, text] of Object.entries(before)) {
        const now = readFileSync(`${root}/${name}`, 'utf8');
        if (now !== text) assert.deepEqual(await itemsOf(now), [{ password: 'hunter2' }], name);
        counts[now === text ? 'old' : 'new']++;
      }
      const left = readdirSync(root, { recursive: true, encoding: 'utf8' }).filter((name) =>
        name.endsWith('.tmp'),
      );
      assert.ok(left.length - counts.left <= AT_ONCE, left.join());
      counts.left = left.length;
    }
    t.diagnostic(JSON.stringify(counts));
    assert.ok(counts.killed > 0 && counts.new > 0);
    // Another run finishes the work, whatever the killed ones left.
    const { warnings, errors } = await inProcess(['re-encrypt', root, ...OFFLINE]);
    assert.deepEqual(errors, []);
    assert.match(warnings.at(-1) ?? '', new RegExp(`^${FILES} SealedSecrets in ${FILES} files: `));
    const again = await inProcess(['re-encrypt', root, ...OFFLINE]);
    assert.deepEqual(again.warnings, [
      `${FILES} SealedSecrets in ${FILES} files: 0 re-encrypted, ${FILES} with the newest key`,
    ]);
  });
});

suite('kubeseal re-encrypt DIR, interrupted', () => {
  const controller = new FakeController();
  beforeEach(() => controller.reset());

  for (const name of ['SIGINT', 'SIGTERM'] as const) {
    test(`by ${name}, leaves each file old or new, and tells how far it came`, async () => {
      const before = { 'a.yaml': sealed('a'), 'b.yaml': sealed('b'), 'c.yaml': sealed('c') };
      const root = treeOf(before);
      const kubeconfig = inputs.write('kubeconfig', controller.kubeconfig);
      const child = start(['re-encrypt', root, '--kubeconfig', kubeconfig]);
      let asked = 0;
      controller.onRotate((object) => {
        if (asked++ === 0) return json(200, answerOf(object, new Map([['password', ITEM]])));
        child.kill(name);
        // Never answers.
        return () => undefined;
      });
      const { signal, stderr } = await ended(child);
      assert.equal(signal, name);
      assert.match(
        stderr,
        /interrupted: re-encrypted 1 file of 3; all others are as they were; run it again to go on\n$/,
      );
      assert.notEqual(readFileSync(`${root}/a.yaml`, 'utf8'), before['a.yaml']);
      assert.equal(readFileSync(`${root}/b.yaml`, 'utf8'), before['b.yaml']);
      assert.equal(readFileSync(`${root}/c.yaml`, 'utf8'), before['c.yaml']);
      assert.deepEqual(readdirSync(root).toSorted(), ['a.yaml', 'b.yaml', 'c.yaml']);
    });
  }
});
