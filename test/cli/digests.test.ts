import assert from 'node:assert/strict';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { suite, test } from 'node:test';
import { openDigestCache, type DigestCache, type SealedValue } from '../../cli/digests/digest-cache.ts';
import { digestPath } from '../../cli/digests/digest-file.ts';
import { systemClock } from '../../shared/clock.ts';
import { labelFor } from '../../shared/seal/scope.ts';
import { temporaryFolder } from '../support/temporary.ts';

const folder = temporaryFolder();
let homes = 0;

/** A user with an empty home folder. */
class User {
  readonly home = `${folder.path}/home-${++homes}`;
  readonly path = `${this.home}/.cache/kubeseal/digests`;
  readonly warnings: string[] = [];

  constructor() {
    mkdirSync(this.home);
  }

  open(environment: NodeJS.ProcessEnv = { HOME: this.home }): Promise<DigestCache> {
    const warn = (line: string): void => void this.warnings.push(line.replaceAll(this.home, '~'));
    return openDigestCache({ environment, clock: systemClock, warn });
  }

  /** Adds values and saves them, as one kubeseal does. */
  async saves(...values: readonly SealedValue[]): Promise<void> {
    const cache = await this.open();
    for (const value of values) cache.add(value);
    await cache.save();
  }
}

function sealedValue(value: string, ciphertext = 'AgBx', name = 'db'): SealedValue {
  const label = labelFor('strict', { name, namespace: 'shop' }, { source: 'test' });
  return { label, ciphertext, value: Buffer.from(value) };
}

suite('the cache of digests', () => {
  test('knows what was added, and nothing that differs in one part', async () => {
    const user = new User();
    await user.saves(sealedValue('hunter2'));
    const cache = await user.open();
    assert.ok(cache.knows(sealedValue('hunter2')));
    for (const other of [
      sealedValue('hunter3'),
      sealedValue('hunter2', 'AgBy'),
      sealedValue('hunter2', 'AgBx', 'other'),
      sealedValue('xhunter2', 'AgB'),
    ])
      assert.ok(!cache.knows(other));
  });

  test('holds no value, and is readable by its user alone', async () => {
    const user = new User();
    await user.saves(sealedValue('hunter2'));
    const text = readFileSync(user.path, 'utf8');
    assert.doesNotMatch(text, /hunter2|AgBx|aHVudGVyMg/);
    assert.equal(statSync(user.path).mode & 0o777, 0o600);
    assert.equal(statSync(`${user.home}/.cache/kubeseal`).mode & 0o777, 0o700);
  });

  test('has a key of its own for each user, and keeps it', async () => {
    const [one, two] = [new User(), new User()];
    for (const user of [one, two]) await user.saves(sealedValue('a'));
    const linesOf = ({ path }: User): readonly string[] => readFileSync(path, 'utf8').split('\n');
    assert.notEqual(linesOf(one)[1], linesOf(two)[1]);
    assert.notEqual(linesOf(one)[2], linesOf(two)[2]);
    await one.saves(sealedValue('b'));
    assert.deepEqual([linesOf(one)[1]?.length, linesOf(one).length], [64, 5]);
    assert.ok((await one.open()).knows(sealedValue('a')));
  });

  test('keeps what two kubeseals add at the same time', async () => {
    const user = new User();
    await user.saves(sealedValue('first'));
    const [one, two] = [await user.open(), await user.open()];
    one.add(sealedValue('one'));
    two.add(sealedValue('two'));
    await one.save();
    await two.save();
    const cache = await user.open();
    for (const value of ['first', 'one', 'two']) assert.ok(cache.knows(sealedValue(value)), value);
  });

  test('forgets the oldest entries of too many', async () => {
    const user = new User();
    await user.saves(...Array.from({ length: 20_001 }, (_, i) => sealedValue(String(i))));
    const cache = await user.open();
    assert.deepEqual(
      [0, 1, 20_000].map((i) => cache.knows(sealedValue(String(i)))),
      [false, true, true],
    );
    assert.equal(readFileSync(user.path, 'utf8').split('\n').length, 20_003);
  });

  for (const [what, damage] of [
    ['another text', () => 'hello\n'],
    ['a line that is cut', (text: string) => text.slice(0, -5)],
    ['no key', (text: string) => text.replace(/^[0-9a-f]{64}$/m, 'key')],
    ['an empty file', () => ''],
  ] as const) {
    test(`that is damaged is ignored with a warning, and replaced: ${what}`, async () => {
      const user = new User();
      await user.saves(sealedValue('a'));
      writeFileSync(user.path, damage(readFileSync(user.path, 'utf8')));
      const cache = await user.open();
      assert.ok(!cache.knows(sealedValue('a')));
      assert.deepEqual(user.warnings, [
        'warning: ignoring the cache ~/.cache/kubeseal/digests: it is damaged; starting a new one',
      ]);
      cache.add(sealedValue('b'));
      await cache.save();
      assert.ok((await user.open()).knows(sealedValue('b')));
    });
  }

  for (const [what, change] of [
    ['that others can read', (path: string) => chmodSync(path, 0o640)],
    ['that is a link', (path: string, home: string) => linkTo(path, home)],
    ['that is a folder', (path: string) => becomeFolder(path)],
  ] as const) {
    test(`${what} is ignored with a warning, and left alone`, async () => {
      const user = new User();
      await user.saves(sealedValue('a'));
      const before = readFileSync(user.path, 'utf8');
      change(user.path, user.home);
      const cache = await user.open();
      cache.add(sealedValue('b'));
      assert.ok(!cache.knows(sealedValue('a')));
      await cache.save();
      assert.equal(user.warnings.length, 1);
      assert.match(user.warnings.join(), /^warning: ignoring the cache ~\/.cache\/kubeseal\/digests: /);
      if (statSync(user.path).isFile()) assert.equal(readFileSync(user.path, 'utf8'), before);
    });
  }

  test(
    'of another user is ignored with a warning',
    { skip: process.getuid?.() === 0 ? false : 'needs root' },
    async () => {
      const { chownSync } = await import('node:fs');
      const user = new User();
      await user.saves(sealedValue('a'));
      chownSync(user.path, 65534, 65534);
      assert.ok(!(await user.open()).knows(sealedValue('a')));
      assert.deepEqual(user.warnings, [
        'warning: ignoring the cache ~/.cache/kubeseal/digests: it belongs to another user',
      ]);
    },
  );

  test('that cannot be written is a warning', async () => {
    const user = new User();
    writeFileSync(`${user.home}/.cache`, 'a file');
    await user.saves(sealedValue('a'));
    assert.match(
      user.warnings.join('\n'),
      /^warning: (ignoring|cannot write) the cache ~\/\.cache\/kubeseal\/digests: /,
    );
  });

  test('is in the cache folder of the user, and nowhere else', async () => {
    assert.equal(digestPath({ XDG_CACHE_HOME: '/c', HOME: '/h' }), '/c/kubeseal/digests');
    assert.equal(digestPath({ XDG_CACHE_HOME: 'relative', HOME: '/tmp' }), '/tmp/.cache/kubeseal/digests');
    assert.equal(digestPath({ HOME: '/no-such-home' }), undefined);
    assert.equal(digestPath({ HOME: 'relative' }), undefined);
    assert.equal(digestPath({}), undefined);
    const cache = await new User().open({});
    cache.add(sealedValue('a'));
    await cache.save();
    assert.ok(!existsSync('.cache') && !existsSync('kubeseal'));
  });
});

function linkTo(path: string, home: string): void {
  writeFileSync(`${home}/elsewhere`, readFileSync(path), { mode: 0o600 });
  rmSync(path);
  symlinkSync(`${home}/elsewhere`, path);
}

function becomeFolder(path: string): void {
  rmSync(path);
  mkdirSync(path);
}
