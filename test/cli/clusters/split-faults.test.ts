import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, rmSync, watch } from 'node:fs';
import { join } from 'node:path';
import { suite, test } from 'node:test';
import { systemClock } from '../../../shared/clock.ts';
import { parseCertificate } from '../../../shared/crypto/parse-certificate.ts';
import { KUBESEAL } from '../../support/program.ts';
import { randomFrom } from '../../support/random.ts';
import { run } from '../../support/run.ts';
import { sealedSecret } from '../../support/sealed.ts';
import { temporaryFolder } from '../../support/temporary.ts';
import { certificatePem } from '../../support/vectors.ts';
import { KEYS, Repository } from './repository.ts';

const folder = temporaryFolder();
const CLUSTERS = ['prod', 'staging'] as const;
const SET = [
  ...['set', '--to', 'prod,staging', '--split', 'overlays/{cluster}/db.json'],
  ...['user', '--value-stdin', '--keep-unchanged=false'],
];
const RUNS = 60;
const SEED = Number(process.env['KILL_SEED'] ?? 1);
const never = new AbortController().signal;

/** A file of many blocks of the disk, most of it one item that stays as it is. */
function old(cluster: (typeof CLUSTERS)[number]): string {
  const certificate = parseCertificate(certificatePem(KEYS[cluster]), cluster);
  const items = { large: 'x'.repeat(50_000) };
  return `${JSON.stringify(sealedSecret(certificate, { name: 'db', namespace: 'shop' }, items), null, 2)}\n`;
}

const OLD = { prod: old('prod'), staging: old('staging') };

function fileOf(cluster: string): string {
  return `overlays/${cluster}/db.json`;
}

function withFiles(): Repository {
  const repository = new Repository(folder);
  for (const cluster of CLUSTERS) repository.write(fileOf(cluster), OLD[cluster]);
  return repository;
}

/** Asserts that a file is whole, and returns whether it is the new one. */
function isNew(text: string, cluster: (typeof CLUSTERS)[number]): boolean {
  if (text === OLD[cluster]) return false;
  assert.equal(
    text.replace(/,\n *"user": "[\w+/]+=*"/, ''),
    OLD[cluster],
    'neither the old file nor the new one',
  );
  return true;
}

suite('kubeseal set for several clusters, killed', () => {
  test(`${RUNS} times at any moment, leaves each file old or new, and can be run again (KILL_SEED=${SEED})`, async (t) => {
    const repository = withFiles();
    const next = randomFrom(SEED);
    const counts = { killed: 0, old: 0, new: 0, mixed: 0, left: 0 };
    const [command, ...first] = KUBESEAL;
    for (let time = 0; time < RUNS; time++) {
      for (const cluster of CLUSTERS) repository.write(fileOf(cluster), OLD[cluster]);
      const child = spawn(command, [...first, ...SET], {
        cwd: repository.path,
        env: { PATH: process.env['PATH'], HOME: '/nonexistent' },
        stdio: ['pipe', 'ignore', 'ignore'],
      });
      child.stdin.on('error', () => undefined).end('bob');
      const watcher = watch(join(repository.path, 'overlays'), { recursive: true });
      const delay = next() * 6;
      watcher.once('change', () => void systemClock.sleep(delay, never).then(() => child.kill('SIGKILL')));
      const [, signal] = (await once(child, 'close')) as [number | null, NodeJS.Signals | null];
      watcher.close();
      counts.killed += signal === 'SIGKILL' ? 1 : 0;
      const states = CLUSTERS.map((cluster) => isNew(repository.read(fileOf(cluster)), cluster));
      counts[states[0] === states[1] ? (states[0] ? 'new' : 'old') : 'mixed']++;
      for (const file of repository.overlays().filter((each) => !/^overlays\/\w+\/db\.json$/.test(each))) {
        assert.match(file, /\/\.kubeseal-[0-9a-f]{16}\.tmp$/);
        counts.left++;
        rmSync(join(repository.path, file));
      }
    }
    t.diagnostic(JSON.stringify(counts));
    assert.ok(counts.killed > 0 && counts.new + counts.old > 0);
    const again = await repository.run(SET, 'bob');
    assert.equal(again.code, 0, again.stderr);
    for (const cluster of CLUSTERS) assert.ok(isNew(repository.read(fileOf(cluster)), cluster));
  });
});

suite('kubeseal set for several clusters, interrupted', () => {
  for (const name of ['SIGINT', 'SIGTERM'] as const) {
    test(`by ${name} while it writes, leaves no temporary file`, async () => {
      const repository = withFiles();
      const [command, ...first] = KUBESEAL;
      const child = spawn(command, [...first, ...SET], {
        cwd: repository.path,
        env: { PATH: process.env['PATH'], HOME: '/nonexistent' },
        stdio: ['pipe', 'ignore', 'ignore'],
      });
      child.stdin.end('bob');
      const watcher = watch(join(repository.path, 'overlays/prod'));
      watcher.once('change', () => child.kill(name));
      await once(child, 'close');
      watcher.close();
      assert.deepEqual(repository.overlays(), CLUSTERS.map(fileOf));
      const states = CLUSTERS.map((cluster) => isNew(repository.read(fileOf(cluster)), cluster));
      assert.equal(states[0], states[1]);
    });
  }
});

/** A mount is seen by nobody else, without root or with it. */
const [way] = [['-rm'], ['-m']].filter(
  (flags) => spawnSync('unshare', [...flags, 'mount', '-t', 'tmpfs', 'none', folder.path]).status === 0,
);

/** Mounts a small file system on the folder of the second cluster, and fills it or makes it read-only. */
const SCRIPT = `
state="$0"
cp overlays/staging/db.json saved && mount -t tmpfs -o size=128k none overlays/staging || exit 99
cp saved overlays/staging/db.json || exit 98
if [ "$state" = full ]; then dd if=/dev/zero of=overlays/staging/fill bs=1k 2>/dev/null
else mount -o remount,ro overlays/staging; fi
printf bob | "$@"
echo "code $?"
cmp overlays/staging/db.json saved
ls -A overlays/staging
`;

suite('kubeseal set for several clusters', () => {
  for (const [state, files, reason] of [
    ['full', 'db.json\nfill\n', 'no space left on device'],
    ['read-only', 'db.json\n', 'read-only file system'],
  ] as const) {
    test(`changes no file if the disk of one is ${state}`, async (t) => {
      if (way === undefined) {
        assert.notEqual(process.env['CI'], 'true', 'no file system can be mounted here');
        t.skip('no file system can be mounted here');
        return;
      }
      const repository = withFiles();
      const ran = await run('unshare', [...way, 'sh', '-c', SCRIPT, state, ...KUBESEAL, ...SET], {
        cwd: repository.path,
        env: { PATH: process.env['PATH'], HOME: '/nonexistent' },
      });
      assert.deepEqual(ran, {
        code: 0,
        stdout: `code 1\n${files}`,
        stderr: `error: cannot write overlays/staging/db.json: ${reason}\n`,
      });
      assert.equal(repository.read(fileOf('prod')), OLD.prod);
      assert.deepEqual(readdirSync(join(repository.path, 'overlays/prod')), ['db.json']);
    });
  }

  test('changes no file if one of them is changed while a value is read', async () => {
    const repository = withFiles();
    const [command, ...first] = KUBESEAL;
    const fifo = join(repository.path, 'value');
    assert.equal(spawnSync('mkfifo', [fifo]).status, 0);
    const args = SET.map((word) => (word === '--value-stdin' ? '--value-file' : word));
    args.splice(args.indexOf('--value-file') + 1, 0, 'value');
    const ran = run(command, [...first, ...args], {
      cwd: repository.path,
      env: { PATH: process.env['PATH'], HOME: '/nonexistent' },
    });
    // The shell waits until kubeseal opens the pipe, which it does when it has read the files.
    const script = 'exec 3>value; echo >> overlays/staging/db.json; printf bob >&3';
    assert.equal((await run('sh', ['-c', script], { cwd: repository.path })).code, 0);
    assert.deepEqual(await ran, {
      code: 1,
      stdout: '',
      stderr:
        'error: overlays/staging/db.json changed after kubeseal had read it: no file was written; run the same command again\n',
    });
    assert.equal(repository.read(fileOf('prod')), OLD.prod);
    assert.equal(repository.read(fileOf('staging')), `${OLD.staging}\n`);
  });
});
