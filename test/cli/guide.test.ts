import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { before, suite, test } from 'node:test';
import { dump } from 'js-yaml';
import { parseCertificate } from '../../shared/crypto/parse-certificate.ts';
import { fillPage } from '../../shared/web-page/fill.ts';
import { readTemplate } from '../../shared/web-page/template.ts';
import { commandsUnder, linesOf } from '../support/guide.ts';
import { PACKAGE } from '../support/package.ts';
import { kubeseal } from '../support/run.ts';
import { sealedItem, sealedSecret } from '../support/sealed.ts';
import { noteSecret } from '../support/secrets-used.ts';
import { temporaryFolder } from '../support/temporary.ts';
import { certificatePem, keyPem } from '../support/vectors.ts';
import { json } from './fake-api-server.ts';
import { FakeController } from './fake-controller.ts';
import { itemsOf } from './opened.ts';
import { Person, type Done } from './person.ts';
import { ScriptedEditor } from './scripted-editor.ts';
import { hasTmux } from './tmux.ts';

/** Runs the commands of docs/kubeseal.md as they are, at a terminal, with a controller that answers as ours does. */

const ANSWER = 'answer-canary';
noteSecret(ANSWER);
const DB = { namespace: 'shop', name: 'db' };
const newest = parseCertificate(certificatePem('c2048'), 'c2048');
const older = parseCertificate(certificatePem('a4096'), 'a4096');
const OLD = JSON.stringify(sealedSecret(older, DB, { password: 'old-canary', user: 'bob' }));
const KEYS = `${keySecret('c2048')}---\n${keySecret('a4096')}`;
const BODY = sealedSecret(newest, DB, { password: 'first-canary', user: 'bob', token: 'token-canary' });

const folder = temporaryFolder();
const controller = new FakeController();
const editor = new ScriptedEditor(
  `sed -i -e 's/^user: .*/user: carol/' -e 's/^password: first.*/password: third/' "$1"`,
  { records: false },
);
const person = new Person(folder);

function keySecret(name: string): string {
  const data = { 'tls.crt': certificatePem(name), 'tls.key': keyPem(name) };
  const labels = { 'sealedsecrets.bitnami.com/sealed-secrets-key': 'active' };
  return dump({ kind: 'Secret', metadata: { name, namespace: 'kube-system', labels }, stringData: data });
}

function secret(name: string, stringData: Readonly<Record<string, string>>): string {
  for (const value of Object.values(stringData)) noteSecret(value);
  return dump({ apiVersion: 'v1', kind: 'Secret', metadata: { name, namespace: 'shop' }, stringData });
}

/** Writes the files of a section into a folder of its own, and goes there. Returns a reader of its files. */
async function begin(
  section: string,
  files: Readonly<Record<string, string>>,
): Promise<(name: string) => string> {
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder.path, section, name)), { recursive: true });
    folder.write(join(section, name), text);
  }
  const { code, screen } = await person.does(`cd '${join(folder.path, section)}'`);
  assert.equal(code, 0, screen);
  return (name) => readFileSync(join(folder.path, section, name), 'utf8');
}

/** Runs the commands, which succeed. Answers those that ask. */
async function follow(
  commands: readonly string[],
  asks = /--prompt|docker-registry/,
): Promise<readonly Done[]> {
  const done: Done[] = [];
  for (const line of commands) {
    const ran = await person.does(line, asks.test(line) ? [ANSWER] : []);
    assert.equal(ran.code, 0, ran.screen);
    assert.ok(!ran.screen.includes(ANSWER));
    done.push(ran);
  }
  return done;
}

/** The Secret and the SealedSecret of `BODY` in the cluster. */
function applied(): void {
  const metadata = { ...BODY.metadata, uid: 'u1', resourceVersion: '1', generation: 1 };
  const status = { observedGeneration: 1, conditions: [{ type: 'Synced', status: 'True' }] };
  const answers = controller.server.answers;
  const path = '/namespaces/shop';
  answers.set(`/apis/bitnami.com/v1alpha1${path}/sealedsecrets/db`, json(200, { ...BODY, metadata, status }));
  const data = Object.entries({ password: 'first-canary', user: 'bob', token: 'token-canary' });
  answers.set(
    `/api/v1${path}/secrets/db`,
    json(200, {
      kind: 'Secret',
      metadata: { ...DB, uid: 'u2', resourceVersion: '1' },
      data: Object.fromEntries(data.map(([item, value]) => [item, Buffer.from(value).toString('base64')])),
    }),
  );
}

const git = (cwd: string, ...args: readonly string[]): string =>
  execFileSync('git', ['-c', 'user.name=test', '-c', 'user.email=test@example.com', ...args], {
    cwd,
    encoding: 'utf8',
  });

const skip = hasTmux ? false : 'there is no tmux here';
if (process.env['CI'] === 'true') assert.ok(hasTmux, 'there is no tmux here');

suite('the commands of docs/kubeseal.md', { skip }, () => {
  before(async () => {
    controller.reset();
    applied();
    await person.start({
      EDITOR: editor.env['EDITOR'] ?? '',
      SEALED_SECRETS_CERT: folder.write('cert.pem', certificatePem('c2048')),
      KUBECONFIG: folder.write('kubeconfig', controller.kubeconfig),
    });
  });

  test('create a SealedSecret of each kind', async () => {
    const read = await begin('create', {
      ...{ '.env': 'MODE=production\n', 'tls/ca.crt': 'an example' },
      ...{ 'cert.pem': certificatePem('c2048'), 'key.pem': keyPem('c2048') },
    });
    await follow(linesOf(commandsUnder('docs/kubeseal.md', 'create')));
    assert.deepEqual(await itemsOf(read('db.yaml')), [{ password: ANSWER, user: 'bob' }]);
    assert.deepEqual(await itemsOf(read('app.yaml')), [{ 'ca.crt': 'an example', MODE: 'production' }]);
    const [pull] = await itemsOf(read('pull.yaml'));
    assert.match(
      pull?.['.dockerconfigjson'] ?? '',
      /"ghcr\.io":\{"username":"bot","password":"answer-canary"/,
    );
    assert.deepEqual(Object.keys((await itemsOf(read('web.yaml')))[0] ?? {}), ['tls.crt', 'tls.key']);
  });

  test('seal Secrets of files', async () => {
    const read = await begin('seal', {
      'secret.yaml': secret('api', { key: 'key-canary' }),
      'db.yaml': secret('db', { password: 'first-canary' }),
      'api.yaml': secret('api', { key: 'key-canary' }),
      'more.yaml': secret('api', { token: 'token-canary' }),
    });
    const done = await follow(linesOf(commandsUnder('docs/kubeseal.md', 'seal')));
    assert.deepEqual(await itemsOf(read('sealed.yaml')), [{ key: 'key-canary', token: 'token-canary' }]);
    assert.match(done[2]?.screen ?? '', /to seal into sealed\.yaml/);
  });

  test('set values', async () => {
    const read = await begin('set', { 'db.yaml': JSON.stringify(BODY), 'ca.crt': 'an example' });
    // Not every machine has pwgen.
    folder.write('bin/pwgen', '#!/bin/sh\necho generated-canary\n');
    await person.does(`chmod +x '${join(folder.path, 'bin/pwgen')}'`);
    await follow(linesOf(commandsUnder('docs/kubeseal.md', 'set')));
    const [items] = await itemsOf(read('db.yaml'));
    const set = { password: ANSWER, token: 'generated-canary', user: 'bob', host: 'db.example.com' };
    assert.deepEqual(items, { ...set, 'ca.crt': 'an example' });
  });

  test('remove an item', async () => {
    const read = await begin('unset', { 'db.yaml': JSON.stringify(BODY) });
    const [done] = await follow(linesOf(commandsUnder('docs/kubeseal.md', 'unset')));
    assert.match(done?.screen ?? '', /db\.yaml: token removed, 2 items untouched/);
    assert.deepEqual(await itemsOf(read('db.yaml')), [{ password: 'first-canary', user: 'bob' }]);
  });

  test('edit items without a key, and with one', async () => {
    const read = await begin('edit', { 'db.yaml': JSON.stringify(BODY), 'keys.yaml': KEYS });
    await follow(linesOf(commandsUnder('docs/kubeseal.md', 'edit')));
    const [items] = await itemsOf(read('db.yaml'));
    assert.deepEqual(items, { password: 'third', user: 'carol', token: 'token-canary' });
  });

  test('print values', async () => {
    await begin('get', { 'db.yaml': JSON.stringify(BODY), 'keys.yaml': KEYS });
    const [one, all] = await follow(linesOf(commandsUnder('docs/kubeseal.md', 'get')));
    assert.match(one?.screen ?? '', /^first-canary$/m);
    assert.match(all?.screen ?? '', /^user: bob$/m);
  });

  test('show differences as the page does', async () => {
    const [block = ''] = commandsUnder('docs/kubeseal.md', 'diff');
    const items = (values: object): object => {
      const sealed = Object.entries(values).map(([item, value]) => [
        item,
        sealedItem(newest, DB, String(value)),
      ]);
      return Object.fromEntries(sealed) as object;
    };
    const body = (values: object, type: string): string =>
      JSON.stringify({ ...BODY, spec: { encryptedData: items(values), template: { type } } });
    const cwd = join(folder.path, 'diff');
    const pin = { pin: '1234', password: 'twelve bytes', user: 'bob' };
    await begin('diff', { 'db.yaml': body(pin, 'Opaque') });
    git(cwd, 'init', '-q');
    git(cwd, 'add', '.');
    git(cwd, 'commit', '-qm', 'test');
    const token = { password: 'sixteen bytes ok', user: 'bob', token: 'x'.repeat(32) };
    folder.write('diff/db.yaml', body(token, 'kubernetes.io/basic-auth'));
    assert.equal(await shown(block, cwd, 1), block);
  });

  test('explain a file as the page does', async () => {
    const [block = ''] = commandsUnder('docs/kubeseal.md', 'explain');
    const template = { type: 'Opaque', data: { url: '{{ .user }}:{{ .password }}' } };
    const body = sealedSecret(older, DB, { password: 'twelve bytes', user: 'bob' }, { template });
    const annotations = { 'sealedsecrets.bitnami.com/sealing-key': older.fingerprint };
    await begin('explain', {
      'db.yaml': JSON.stringify({ ...body, metadata: { ...body.metadata, annotations } }),
      'cert.pem': certificatePem('a4096'),
      'old.pem': certificatePem('c2048'),
    });
    assert.equal(await shown(block, join(folder.path, 'explain'), 0), timeless(block));
  });

  test('make "git diff" readable', async () => {
    const cwd = join(folder.path, 'textconv');
    const body = (password: string): string => dump(sealedSecret(older, DB, { password }));
    await begin('textconv', { 'db.yaml': body('twelve bytes') });
    git(cwd, 'init', '-q');
    await follow(linesOf(commandsUnder('docs/kubeseal.md', 'textconv')));
    git(cwd, 'add', '.');
    git(cwd, 'commit', '-qm', 'test');
    folder.write('textconv/db.yaml', body('sixteen bytes ok'));
    const { screen } = await person.does('git --no-pager diff | cat');
    const page = readFileSync(join(PACKAGE, 'docs', 'kubeseal.md'), 'utf8');
    const [, lines = ''] = /^```diff\n([^]*?)^```$/m.exec(page) ?? [];
    const plain = (text: string): string =>
      text.replaceAll(/sha256 [0-9a-f]+/g, 'sha256 …').replaceAll(/\s+/g, ' ');
    assert.ok(plain(screen).includes(plain(lines)), screen);
  });

  test('write a page that seals in a browser', async () => {
    const [prod, staging] = [certificatePem('c2048'), certificatePem('a4096')];
    const read = await begin('web', { 'prod.pem': prod, 'staging.pem': staging });
    const [one, both] = linesOf(commandsUnder('docs/kubeseal.md', 'web'));
    for (const [command = '', certificates] of [
      [one, [{ name: 'prod', pem: prod }]],
      [
        both,
        [
          { name: 'prod', pem: prod },
          { name: 'staging', pem: staging },
        ],
      ],
    ] as const) {
      await follow([command]);
      assert.equal(read('seal.html'), fillPage(readTemplate(), { mode: 'offline', certificates }));
    }
  });

  test('re-encrypt a tree', async () => {
    const read = await begin('re-encrypt', {
      'clusters/prod/db.yaml': JSON.stringify(BODY),
      'apps/db.yaml': OLD,
      'cert.pem': certificatePem('c2048'),
      'keys.yaml': KEYS,
    });
    const done = await follow(linesOf(commandsUnder('docs/kubeseal.md', 're-encrypt')));
    assert.match(done[1]?.screen ?? '', /2 SealedSecrets in 2 files: 1 re-encrypted, 1 with the newest key/);
    assert.deepEqual(await itemsOf(read('apps/db.yaml')), [{ password: 'old-canary', user: 'bob' }]);
  });

  test('validate a tree', async () => {
    await begin('validate', {
      'clusters/prod/db.yaml': JSON.stringify(BODY),
      'apps/db.yaml': OLD,
      'keys.yaml': KEYS,
    });
    const [controllers, all] = await follow(linesOf(commandsUnder('docs/kubeseal.md', 'validate')));
    assert.match(controllers?.screen ?? '', /1 SealedSecret in 1 file: 1 valid/);
    assert.match(all?.screen ?? '', /2 SealedSecrets in 2 files: 2 valid/);
  });
});

/** Runs the command behind the `$` of a block. Returns the block as it should be, without times. */
async function shown(block: string, cwd: string, code: number): Promise<string> {
  const [command = ''] = block.split('\n');
  const [, , ...args] = command.split(' ');
  const ran = await kubeseal(args, { cwd });
  assert.deepEqual([ran.code, ran.stderr], [code, '']);
  return timeless(`${command}\n${ran.stdout}`);
}

function timeless(text: string): string {
  return text
    .replaceAll(/SHA256:[\w+/=]+/g, 'SHA256:…')
    .replaceAll(/from \d{4}-\S+Z, \d+ days? old/g, 'from …');
}
