import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { suite, test } from 'node:test';
import { systemClock } from '../../shared/clock.ts';
import { kubeseal } from '../support/run.ts';
import { temporaryFolder } from '../support/temporary.ts';
import { certificatePem, keyPem } from '../support/vectors.ts';
import { inProcess, prepared, type CommandOutput } from './in-process.ts';
import { itemsOf } from './opened.ts';

const folder = temporaryFolder();
const cert = folder.write('cert.pem', certificatePem('c2048'));
const both = folder.write('both.pem', certificatePem('b4096') + certificatePem('c2048'));
const key = folder.write('key.pem', keyPem('c2048'));
const SECRET = `metadata:
  name: db
  namespace: shop
  labels: {app: "shop"}
stringData: {password: hunter2, user: bob}
`;
const NOTHING = 'FILE: all values are there already; nothing changed';

let files = 0;
/** Runs kubeseal for one user, whose cache is empty at first. */
class User {
  readonly environment = { XDG_CACHE_HOME: `${folder.path}/cache-${++files}` };
  readonly secret = folder.write(`secret-${++files}.yaml`, SECRET);
  readonly file = `${folder.path}/sealed-${++files}.yaml`;

  constructor() {
    mkdirSync(this.environment.XDG_CACHE_HOME);
  }

  get text(): string {
    return readFileSync(this.file, 'utf8');
  }

  async seal(...args: readonly string[]): Promise<CommandOutput> {
    return this.run([
      'seal',
      '-f',
      this.secret,
      '-w',
      this.file,
      '--cert',
      cert,
      '--keep-unchanged',
      ...args,
    ]);
  }

  async merge(...args: readonly string[]): Promise<CommandOutput> {
    const merge = ['-f', this.secret, '--merge-into', this.file, '--cert', cert, '--keep-unchanged'];
    return this.run([...merge, ...args]);
  }

  async run(args: readonly string[]): Promise<CommandOutput> {
    const { warnings, errors } = await inProcess(args, systemClock, this.environment);
    const short = (lines: readonly string[]): string[] =>
      lines.map((line) => line.replaceAll(this.file, 'FILE'));
    return { warnings: short(warnings), errors: short(errors) };
  }
}

function ciphertextOf(text: string, item: string): string | undefined {
  return new RegExp(`${item}"?: "?([A-Za-z0-9+/=]{100,})`).exec(text)?.[1];
}

suite('seal --keep-unchanged', () => {
  for (const format of [[], ['--key-hint'], ['--scope', 'namespace-wide']]) {
    test(`leaves the file byte for byte the same for the same input ${format.join(' ')}`, async () => {
      const user = new User();
      assert.deepEqual(await user.seal(...format), { warnings: [], errors: [] });
      const once = user.text;
      assert.deepEqual(await user.seal(...format), { warnings: [NOTHING], errors: [] });
      assert.equal(user.text, once);
    });
  }

  test('keeps a file with comments, of several SealedSecrets', async () => {
    const user = new User();
    writeFileSync(user.secret, `${SECRET}---\n${SECRET.replace('name: db', 'name: other')}`);
    await user.seal();
    const commented = `# mine\n${user.text.replace('spec:', 'spec: # here')}`;
    writeFileSync(user.file, commented);
    assert.deepEqual((await user.seal()).warnings, [NOTHING]);
    assert.equal(user.text, commented);
  });

  test('seals only the value that changed', async () => {
    const user = new User();
    await user.seal('--key-hint');
    const once = user.text;
    writeFileSync(user.secret, SECRET.replace('hunter2', 'hunter3'));
    assert.deepEqual((await user.seal('--key-hint')).errors, []);
    assert.equal(ciphertextOf(user.text, 'user'), ciphertextOf(once, 'user'));
    assert.notEqual(ciphertextOf(user.text, 'password'), ciphertextOf(once, 'password'));
    assert.deepEqual(await itemsOf(user.text), [{ password: 'hunter3', user: 'bob' }]);
  });

  test('drops what the input no longer has, and adds what is new', async () => {
    const user = new User();
    await user.seal();
    const once = user.text;
    writeFileSync(user.secret, SECRET.replace('user: bob', 'token: t'));
    await user.seal();
    assert.equal(ciphertextOf(user.text, 'password'), ciphertextOf(once, 'password'));
    assert.deepEqual(await itemsOf(user.text), [{ password: 'hunter2', token: 't' }]);
  });

  for (const [what, change] of [
    ['name', (text: string) => text.replace('name: db', 'name: other')],
    ['namespace', (text: string) => text.replace('namespace: shop', 'namespace: other')],
  ] as const) {
    test(`seals again for another ${what}`, async () => {
      const user = new User();
      await user.seal();
      const once = user.text;
      writeFileSync(user.secret, change(SECRET));
      await user.seal();
      assert.notEqual(ciphertextOf(user.text, 'user'), ciphertextOf(once, 'user'));
      assert.deepEqual(await itemsOf(user.text), [{ password: 'hunter2', user: 'bob' }]);
    });
  }

  test('knows the values by a private key, without a cache', async () => {
    const [first, second] = [new User(), new User()];
    await first.run(['seal', '-f', first.secret, '-w', first.file, '--cert', cert, '-o', 'yaml']);
    writeFileSync(second.file, first.text);
    const { warnings } = await second.seal('--recovery-private-key', key);
    assert.deepEqual(warnings, [NOTHING]);
    assert.equal(second.text, first.text);
  });

  test('names the keys of old and new ciphertexts in the hint', async () => {
    const user = new User();
    await user.seal('--key-hint');
    const [, hint] = /sealing-key: (\S+)/.exec(user.text) ?? [];
    writeFileSync(user.secret, SECRET.replace('hunter2', 'hunter3'));
    await user.seal('--key-hint', '--cert', both);
    assert.match(user.text, new RegExp(`sealing-key: ${hint ?? ''},SHA256:`));
    const once = user.text;
    assert.equal((await user.seal('--key-hint', '--cert', both)).warnings.at(-1), NOTHING);
    assert.equal(user.text, once);
  });

  test('writes the other format if asked to', async () => {
    const user = new User();
    const json = [
      '-f',
      user.secret,
      '-w',
      folder.write('sealed', ''),
      '--cert',
      cert,
      '--keep-unchanged',
      '-o',
    ];
    const written = (): string => readFileSync(`${folder.path}/sealed`, 'utf8');
    await user.run(['seal', ...json, 'json']);
    const once = written();
    assert.deepEqual((await user.run(['seal', ...json, 'yaml'])).errors, []);
    assert.match(written(), /^---\n/);
    assert.equal(ciphertextOf(written(), 'user'), ciphertextOf(once, 'user'));
  });

  test('replaces a plaintext Secret in the same file', async () => {
    const user = new User();
    writeFileSync(user.file, SECRET);
    const { errors } = await user.run([
      'seal',
      '-f',
      user.file,
      '-w',
      user.file,
      '--cert',
      cert,
      '--keep-unchanged',
    ]);
    assert.deepEqual(errors, []);
    assert.match(user.text, /kind: SealedSecret/);
  });

  const refused: [readonly string[], string][] = [
    [['--keep-unchanged'], '--keep-unchanged requires -w FILE: the file with the ciphertexts to keep'],
    [
      ['--recovery-private-key', key],
      '--recovery-private-key requires --recovery-unseal, --re-encrypt, --validate or --keep-unchanged',
    ],
    [['--from-cluster'], '--from-cluster requires --keep-unchanged'],
  ];
  for (const [args, message] of refused) {
    test(`is checked before anything is read: seal ${args[0] ?? ''}`, async () => {
      await assert.rejects(prepared(['seal', '-f', 'nosuch', ...args]), { message });
    });
  }

  test('is off by default, and private keys of the environment are then no error', async () => {
    const user = new User();
    const args = ['-f', user.secret, '-w', user.file, '--cert', cert];
    const env = { SEALED_SECRETS_RECOVERY_PRIVATE_KEY: key, XDG_CACHE_HOME: user.environment.XDG_CACHE_HOME };
    const runs = [];
    for (let i = 0; i < 2; i++) {
      assert.deepEqual(await kubeseal(args, { env }), { code: 0, stdout: '', stderr: '' });
      runs.push(user.text);
    }
    assert.notEqual(runs[0], runs[1]);
  });
});

suite('merge --keep-unchanged', () => {
  test('leaves the file byte for byte the same for the same input', async () => {
    const user = new User();
    await user.seal();
    await user.merge();
    const once = user.text.replace('app: shop', "'app': 'shop' # the label");
    writeFileSync(user.file, once);
    const { warnings, errors } = await user.merge();
    assert.deepEqual([warnings, errors], [[NOTHING], []]);
    assert.equal(user.text, once);
  });

  test('seals only the value that changed', async () => {
    const user = new User();
    await user.seal();
    const once = user.text;
    writeFileSync(user.secret, SECRET.replace('bob', 'alice').replace('user:', 'token: t, user:'));
    assert.deepEqual((await user.merge()).errors, []);
    assert.equal(ciphertextOf(user.text, 'password'), ciphertextOf(once, 'password'));
    assert.deepEqual(await itemsOf(user.text), [{ password: 'hunter2', token: 't', user: 'alice' }]);
  });

  test('lets the last of two Secrets win, whichever is in the file', async () => {
    const user = new User();
    await user.seal();
    for (const [first, last] of [
      ['hunter3', 'hunter2'],
      ['hunter2', 'hunter3'],
      ['hunter3', 'hunter2'],
    ]) {
      const [one, two] = [first, last].map((value) => SECRET.replace('hunter2', value ?? ''));
      writeFileSync(user.secret, `${one ?? ''}---\n${two ?? ''}`);
      assert.deepEqual((await user.merge()).errors, []);
      assert.deepEqual(await itemsOf(user.text), [{ password: last, user: 'bob' }]);
    }
  });
});
