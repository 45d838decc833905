import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, suite, test } from 'node:test';
import { SEALING_RECORD } from '../../shared/api/annotations.ts';
import { parseSealedSecret, type SealedSecret } from '../../shared/api/sealed-secret.ts';
import { systemClock } from '../../shared/clock.ts';
import { parseCertificate } from '../../shared/crypto/parse-certificate.ts';
import { readDocuments } from '../../shared/manifest/read.ts';
import { formatPlace, parsePlace } from '../../shared/seal/recorded-place.ts';
import { ciphertextDigest, parseRecord } from '../../shared/seal/sealing-record.ts';
import { commandsUnder, linesOf } from '../support/guide.ts';
import { PACKAGE } from '../support/package.ts';
import { kubeseal } from '../support/run.ts';
import { temporaryFolder } from '../support/temporary.ts';
import { certificatePem, keyPem } from '../support/vectors.ts';
import { FakeController } from './fake-controller.ts';
import { inProcess } from './in-process.ts';
import { itemsOf } from './opened.ts';
import { ScriptedEditor } from './scripted-editor.ts';

const folder = temporaryFolder();
const cert = folder.write('cert.pem', certificatePem('c2048'));
const key = folder.write('key.pem', keyPem('c2048'));
const newCert = folder.write('new.pem', certificatePem('a4096'));
const { fingerprint: OLD } = parseCertificate(certificatePem('c2048'), 'c2048');
const { fingerprint: NEW } = parseCertificate(certificatePem('a4096'), 'a4096');
const SECRET = folder.write(
  'secret.yaml',
  'kind: Secret\nmetadata: {name: db, namespace: shop}\nstringData: {password: hunter2, user: bob}\n',
);
const HOME = { XDG_CACHE_HOME: folder.path };
const controller = new FakeController();
beforeEach(() => controller.reset());

let files = 0;
/** Returns a file with a SealedSecret that the old key sealed. */
async function sealedFile(...args: readonly string[]): Promise<string> {
  const file = `${folder.path}/sealed-${++files}.yaml`;
  await run('seal', '-f', SECRET, '-w', file, '--cert', cert, ...args);
  return file;
}

async function run(...args: readonly string[]): Promise<readonly string[]> {
  const { warnings, errors } = await inProcess(args, systemClock, HOME);
  assert.deepEqual(errors, []);
  return warnings;
}

function sealedIn(file: string): SealedSecret {
  const [document] = readDocuments(readFileSync(file), file);
  assert.ok(document);
  return parseSealedSecret(document.value, document.place);
}

/** Returns what the record of a file says about its items, and how many entries it has for others. */
async function recordIn(file: string): Promise<Record<string, string> | undefined> {
  const { metadata, encryptedData } = sealedIn(file);
  const record = parseRecord(metadata.annotations);
  if (record === undefined) return undefined;
  assert.ok('entries' in record, JSON.stringify(record));
  const left = new Map(record.entries);
  const said: Record<string, string> = {};
  for (const [item, ciphertext] of encryptedData) {
    const digest = (await ciphertextDigest(ciphertext)) ?? '';
    const entry = record.entries.get(digest);
    left.delete(digest);
    if (entry !== undefined) said[item] = `${entry.key} ${formatPlace(entry)}`;
  }
  if (left.size > 0) said['others'] = String(left.size);
  return said;
}

const SHOP = 'strict shop/db';

suite('the page about the sealing record', () => {
  const PAGE = 'docs/lint/sealing-record.md';

  test('shows how to write one', async () => {
    const [line = '', ...more] = linesOf(commandsUnder('docs/lint/sealing-record.md', 'The sealing record'));
    assert.deepEqual(more, []);
    const [program, ...args] = line.split(' ');
    assert.equal(program, 'kubeseal');
    const ran = await kubeseal(args, { cwd: folder.path });
    assert.deepEqual(ran, { code: 0, stdout: '', stderr: '' });
    const strict = { password: `${OLD} ${SHOP}`, user: `${OLD} ${SHOP}` };
    assert.deepEqual(await recordIn(`${folder.path}/sealed.yaml`), strict);
  });

  test('shows a record and a digest that are read', () => {
    const text = readFileSync(join(PACKAGE, PAGE), 'utf8');
    const [, example = ''] = /^```json\n(.*?)^```$/ms.exec(text) ?? [];
    const record = parseRecord(new Map([[SEALING_RECORD, JSON.stringify(JSON.parse(example))]]));
    assert.ok(record && 'entries' in record);
    assert.deepEqual(
      [...record.entries.values()].map((entry) => formatPlace(entry)),
      [SHOP, SHOP],
    );
    const [place = ''] = /strict sha256:[^`]+/.exec(text) ?? [];
    assert.ok(parsePlace(place));
  });
});

suite('record: true in .kubeseal.yaml', () => {
  const both = { password: `${OLD} ${SHOP}`, user: `${OLD} ${SHOP}` };

  /** Returns a folder with this configuration. */
  function configured(): string {
    const path = `${folder.path}/configured-${++files}`;
    mkdirSync(path);
    writeFileSync(`${path}/.kubeseal.yaml`, 'record: true\n');
    return path;
  }

  test('writes a record with every command that seals', async () => {
    const path = configured();
    const file = `${path}/db.yaml`;
    await run('seal', '-f', SECRET, '-w', file, '--cert', cert);
    assert.deepEqual(await recordIn(file), both);
    const created = `${path}/api.yaml`;
    const values = ['--from-literal', 'token=t', '-n', 'shop'];
    await run('create', 'generic', 'api', ...values, '-w', created, '--cert', cert);
    assert.deepEqual(await recordIn(created), { token: `${OLD} strict shop/api` });

    const bare = readFileSync(await sealedFile());
    writeFileSync(file, bare);
    await run('set', file, 'password=p', '--cert', cert);
    assert.deepEqual(await recordIn(file), { password: both.password });
    writeFileSync(file, bare);
    await run('-f', SECRET, '--merge-into', file, '--cert', cert);
    assert.deepEqual(await recordIn(file), both);

    const offline = ['--private-key', key, '--cert', newCert, '--allow-old-certificate'];
    const now = { password: `${NEW} ${SHOP}`, user: `${NEW} ${SHOP}` };
    for (const words of [[file], ['-f', file]]) {
      writeFileSync(file, bare);
      await run('re-encrypt', ...words, ...offline);
      assert.deepEqual(await recordIn(file), now);
    }
  });

  test('begins none with --record=false', async () => {
    const file = `${configured()}/db.yaml`;
    await run('seal', '-f', SECRET, '-w', file, '--cert', cert, '--record=false');
    await run('set', file, 'password=p', '--cert', cert, '--record=false');
    assert.equal(await recordIn(file), undefined);
  });
});

suite('--record', () => {
  test('records the key and the place of each item when it seals', async () => {
    const strict = { password: `${OLD} ${SHOP}`, user: `${OLD} ${SHOP}` };
    assert.deepEqual(await recordIn(await sealedFile('--record')), strict);
    const wide = await sealedFile('--record', '--scope', 'cluster-wide');
    assert.deepEqual(await recordIn(wide), {
      password: `${OLD} cluster-wide`,
      user: `${OLD} cluster-wide`,
    });
    assert.equal(await recordIn(await sealedFile()), undefined);
    assert.equal(await recordIn(await sealedFile('--record=false')), undefined);
  });

  test('puts the record into metadata and never into the template', async () => {
    for (const format of ['json', 'yaml']) {
      const file = await sealedFile('--record', '-o', format);
      const { template } = sealedIn(file);
      assert.ok(!template.metadata.annotations.has(SEALING_RECORD));
      assert.equal(readFileSync(file, 'utf8').split('sealing-record').length, 2);
      assert.deepEqual(await itemsOf(readFileSync(file)), [{ password: 'hunter2', user: 'bob' }]);
    }
  });

  test('works with create, where the namespace comes from a flag', async () => {
    const file = `${folder.path}/created.yaml`;
    const values = ['--from-literal', 'token=t', '-n', 'shop', '--scope', 'namespace-wide'];
    await run('create', 'generic', 'api', ...values, '-w', file, '--cert', cert, '--record');
    assert.deepEqual(await recordIn(file), { token: `${OLD} namespace-wide shop` });
  });

  test('with set, begins a record of the items that are set', async () => {
    const file = await sealedFile();
    await run('set', file, 'password=new', '--cert', newCert, '--record');
    assert.deepEqual(await recordIn(file), { password: `${NEW} ${SHOP}` });
    await run('set', file, 'token=t', '--cert', cert);
    assert.deepEqual(await recordIn(file), { password: `${NEW} ${SHOP}`, token: `${OLD} ${SHOP}` });
  });

  test('with set, replaces the entries of what it sets, and drops those of what is not there', async () => {
    const file = await sealedFile('--record');
    const other = await sealedFile();
    const foreign = sealedIn(other).encryptedData.get('user') ?? '';
    writeFileSync(file, readFileSync(file, 'utf8').replace(/user: \S+/, `user: ${foreign}`));
    assert.deepEqual(await recordIn(file), { password: `${OLD} ${SHOP}`, others: '1' });
    await run('set', file, 'password=new', '--cert', newCert);
    assert.deepEqual(await recordIn(file), { password: `${NEW} ${SHOP}` });
  });

  test('is kept up by unset, which adds none', async () => {
    const file = await sealedFile('--record');
    await run('unset', file, 'user');
    assert.deepEqual(await recordIn(file), { password: `${OLD} ${SHOP}` });
    await run('unset', file, 'password');
    assert.deepEqual(await recordIn(file), {});
    const without = await sealedFile();
    await run('unset', without, 'user');
    assert.equal(await recordIn(without), undefined);
  });

  test('is kept up by edit, also if it only removes items', async () => {
    const file = await sealedFile('--record');
    const removes = new ScriptedEditor(`sed -i '/^user:/d' "$1"`);
    assert.equal((await kubeseal(['edit', file, '--cert', newCert], { env: removes.env })).code, 0);
    assert.deepEqual(await recordIn(file), { password: `${OLD} ${SHOP}` });
    const adds = new ScriptedEditor(`echo 'token: t' >>"$1"`);
    assert.equal((await kubeseal(['edit', file, '--cert', newCert], { env: adds.env })).code, 0);
    assert.deepEqual(await recordIn(file), { password: `${OLD} ${SHOP}`, token: `${NEW} ${SHOP}` });
  });

  test('with --merge-into, has the items of all Secrets of the input', async () => {
    const file = await sealedFile('--record');
    const documents = ['token', 'pin'].map(
      (item) => `kind: Secret\nmetadata: {name: db, namespace: shop}\nstringData: {${item}: x}\n`,
    );
    const input = folder.write('merged.yaml', documents.join('---\n'));
    await run('-f', input, '--merge-into', file, '--cert', newCert);
    const before = { password: `${OLD} ${SHOP}`, user: `${OLD} ${SHOP}` };
    const added = { token: `${NEW} ${SHOP}`, pin: `${NEW} ${SHOP}` };
    assert.deepEqual(await recordIn(file), { ...before, ...added });
    const without = await sealedFile();
    await run('-f', input, '--merge-into', without, '--cert', newCert, '--record');
    assert.deepEqual(await recordIn(without), added);
  });

  test('with --keep-unchanged, keeps what it says of the values that stay', async () => {
    const keep = ['--keep-unchanged', '--private-key', key];
    const file = await sealedFile('--record');
    const once = readFileSync(file, 'utf8');
    const again = ['seal', '-f', SECRET, '-w', file, '--cert', newCert, ...keep];
    await run(...again);
    assert.equal(readFileSync(file, 'utf8'), once);
    const changed = folder.write('changed.yaml', readFileSync(SECRET, 'utf8').replace('bob', 'eve'));
    await run('seal', '-f', changed, '-w', file, '--cert', newCert, ...keep);
    assert.deepEqual(await recordIn(file), { password: `${OLD} ${SHOP}`, user: `${NEW} ${SHOP}` });
    const without = await sealedFile();
    await run('seal', '-f', changed, '-w', without, '--cert', newCert, ...keep, '--record');
    assert.deepEqual(await recordIn(without), { user: `${NEW} ${SHOP}` });
  });

  test('with re-encrypt, has all items, since all are sealed with the new key then', async () => {
    const now = { password: `${NEW} ${SHOP}`, user: `${NEW} ${SHOP}` };
    const offline = ['--private-key', key, '--cert', newCert, '--allow-old-certificate'];
    for (const args of [['--record'], []]) {
      const one = await sealedFile(...args);
      await run('re-encrypt', '-f', one, ...offline, ...(args.length > 0 ? [] : ['--record']));
      assert.deepEqual(await recordIn(one), now);
      const tree = await sealedFile(...args);
      await run('re-encrypt', tree, ...offline, ...(args.length > 0 ? [] : ['--record']));
      assert.deepEqual(await recordIn(tree), now);
    }
    const without = await sealedFile();
    await run('re-encrypt', without, ...offline);
    assert.equal(await recordIn(without), undefined);
  });

  test('with re-encrypt through the controller, has the key of its certificate', async () => {
    const file = await sealedFile();
    const before = readFileSync(file, 'utf8');
    const kubeconfig = folder.write('kubeconfig', controller.kubeconfig);
    await run('re-encrypt', file, '--record', '--kubeconfig', kubeconfig);
    const after = readFileSync(file, 'utf8');
    assert.notEqual(after, before);
    assert.deepEqual(await recordIn(file), { password: `${OLD} ${SHOP}`, user: `${OLD} ${SHOP}` });
    await run('re-encrypt', file, '--kubeconfig', kubeconfig);
    assert.equal(readFileSync(file, 'utf8'), after, 'the record names the newest key');
  });

  test('is no difference of its own for kubeseal diff, unless it comes or goes', async () => {
    const before = await sealedFile('--record');
    const after = folder.write('after.yaml', readFileSync(before, 'utf8'));
    await run('set', after, 'password=hunter3', '--cert', cert);
    const { stdout } = await kubeseal(['diff', before, after]);
    assert.match(stdout, /password {2}value changed|password {2}ciphertext differs/);
    assert.doesNotMatch(stdout, /sealing-record/);
    const without = await sealedFile();
    assert.match(
      (await kubeseal(['diff', without, after])).stdout,
      /\+ metadata\.annotations.*sealing-record/,
    );
  });

  test('leaves every other byte of the file as it is', async () => {
    const file = await sealedFile();
    writeFileSync(file, `# by ops\n${readFileSync(file, 'utf8')}`);
    const mask = (text: string): string =>
      text.replace(/\n {2}annotations:\n.*\n/, '\n').replace(/(password: )\S+/, '$1…');
    const before = mask(readFileSync(file, 'utf8'));
    await run('set', file, 'password=new', '--cert', cert, '--record', '--key-hint=false');
    assert.equal(mask(readFileSync(file, 'utf8')), before);
  });
});
