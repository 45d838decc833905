import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chmodSync, chownSync, readFileSync, statSync, symlinkSync } from 'node:fs';
import { beforeEach, suite, test } from 'node:test';
import { parseCertificate } from '../../shared/crypto/parse-certificate.ts';
import { certificateOf, pkcs8, rsa } from '../support/keys.ts';
import { KUBESEAL } from '../support/program.ts';
import { kubeseal } from '../support/run.ts';
import { sealedSecret } from '../support/sealed.ts';
import { temporaryFolder } from '../support/temporary.ts';
import { certificatePem, keyPem } from '../support/vectors.ts';
import { json } from './fake-api-server.ts';
import { answerOf, busy, FakeController } from './fake-controller.ts';
import { inProcess, type CommandOutput } from './in-process.ts';
import { itemsOf } from './opened.ts';
import { treeOf } from './tree.ts';

const folder = temporaryFolder();
const oldKey = rsa();
const old = parseCertificate(await certificateOf(oldKey), 'old');
const fresh = parseCertificate(certificatePem('c2048'), 'c2048');
const cert = folder.write('cert.pem', fresh.pem);
const keys = folder.write('keys.pem', pkcs8(oldKey) + keyPem('c2048'));
const KEYS = ['--recovery-private-key', keys, '--cert', cert];
/** One file after the other, so that the order of lines is known. */
const OFFLINE = [...KEYS, '--concurrency', '1'];
const DB = { name: 'db', namespace: 'prod' };
const HINT = 'sealedsecrets.bitnami.com/sealing-key';

const OLD = JSON.stringify(sealedSecret(old, DB, { password: 'hunter2', user: 'bob' }), null, 2);
const NEW = JSON.stringify(sealedSecret(fresh, DB, { password: 'hunter2', user: 'bob' }), null, 2);
const items = { password: 'hunter2', user: 'bob' };
/** One item under each key. */
const MIXED = OLD.replace(/"user": "[^"]+"/, /"user": "[^"]+"/.exec(NEW)?.[0] ?? '');
/** Has its ciphertexts under a name that no key opens. */
const MOVED = OLD.replace('"name": "db"', '"name": "moved"');

const controller = new FakeController();
beforeEach(() => controller.reset());

async function reEncrypt(root: string, ...args: string[]): Promise<CommandOutput> {
  const { warnings, errors } = await inProcess(['re-encrypt', ...args, root]);
  const plain = (line: string): string => line.replaceAll(`${root}/`, '').replace(/ [^ ]*cert\.pem/, ' CERT');
  return { warnings: warnings.map(plain), errors: errors.map(plain) };
}

function offline(root: string, ...args: string[]): Promise<CommandOutput> {
  return reEncrypt(root, ...OFFLINE, ...args);
}

function withController(root: string, ...args: string[]): Promise<CommandOutput> {
  return reEncrypt(root, '--kubeconfig', folder.write('kubeconfig', controller.kubeconfig), ...args);
}

function contentsOf(root: string, names: readonly string[]): string[] {
  return names.map((name) => readFileSync(`${root}/${name}`, 'utf8'));
}

suite('kubeseal re-encrypt DIR, with private keys', () => {
  const TREE = {
    'a/old.json': `${OLD}\n`,
    'a/other.yaml': '# by ops\nkind: ConfigMap\n',
    'mixed.yaml': `# by ops\nkind: ConfigMap\n---\n${MIXED}\n---\n${NEW}\n`,
    'new.json': NEW,
  };
  const names = Object.keys(TREE);

  test('re-encrypts what is old, leaves the rest byte for byte, and names each changed file', async () => {
    const root = treeOf(TREE);
    const before = contentsOf(root, names);
    assert.deepEqual(await offline(root, '--key-hint=false'), {
      warnings: [
        'a/old.json: 2 items re-encrypted',
        'mixed.yaml: 1 item re-encrypted, 3 untouched',
        '4 SealedSecrets in 3 files: 2 re-encrypted, 2 with the newest key',
      ],
      errors: [],
    });
    const after = contentsOf(root, names);
    assert.deepEqual(
      after.map((now, index) => now === before[index]),
      [false, true, false, true],
    );
    assert.deepEqual(await itemsOf(after[0] ?? ''), [items]);
    assert.deepEqual(await itemsOf(after[2] ?? ''), [items, items]);
    // One ciphertext of four is new, and nothing else.
    const ciphertext = /"password": "[^"]+"/;
    assert.equal(after[2]?.replace(ciphertext, ''), before[2]?.replace(ciphertext, ''));
  });

  test('does nothing in a second run', async () => {
    const root = treeOf(TREE);
    await offline(root);
    const before = names.map((name) => statSync(`${root}/${name}`).ino);
    assert.deepEqual(await offline(root), {
      warnings: ['4 SealedSecrets in 3 files: 0 re-encrypted, 4 with the newest key'],
      errors: [],
    });
    assert.deepEqual(
      names.map((name) => statSync(`${root}/${name}`).ino),
      before,
    );
  });

  test('records the key of what it re-encrypts, unless that is turned off', async () => {
    const hinted = JSON.stringify({
      ...JSON.parse(OLD),
      metadata: { ...DB, annotations: { [HINT]: old.fingerprint } },
    });
    for (const [args, wanted] of [
      [[], [fresh.fingerprint, fresh.fingerprint, undefined]],
      [['--key-hint=false'], [undefined, fresh.fingerprint, undefined]],
    ] as const) {
      const root = treeOf({ 'a.json': OLD, 'b.json': hinted, 'c.json': NEW });
      await offline(root, ...args);
      const found = contentsOf(root, ['a.json', 'b.json', 'c.json']).map((each) => {
        return (JSON.parse(each) as { metadata: { annotations?: Record<string, string> } }).metadata
          .annotations?.[HINT];
      });
      assert.deepEqual(found, wanted);
    }
  });

  test('does not trust a hint', async () => {
    const root = treeOf({
      'a.json': OLD.replace('"annotations": {}', `"annotations": {"${HINT}": "${fresh.fingerprint}"}`),
    });
    assert.deepEqual(
      (await offline(root)).warnings.at(-1),
      '1 SealedSecret in 1 file: 1 re-encrypted, 0 with the newest key',
    );
  });

  test('goes on after failures, tells all of them at the end, and leaves their files', async () => {
    const files = {
      'a.json': MOVED + OLD,
      'b.json': OLD,
      'c.yaml': 'kind: SealedSecret\na: [',
      'd.json': NEW,
    };
    const root = treeOf(files);
    const { warnings, errors } = await offline(root);
    assert.deepEqual(warnings, [
      'b.json: 2 items re-encrypted',
      '4 SealedSecrets in 3 files: 1 re-encrypted, 1 with the newest key, 1 failed, 1 left as they were beside those; 1 file could not be read',
    ]);
    assert.equal(errors.length, 2);
    assert.match(errors[0] ?? '', /^no key could decrypt secret .* \[a\.json: document 1\]$/);
    assert.match(errors[1] ?? '', /^c\.yaml: neither JSON nor YAML: /);
    assert.deepEqual(contentsOf(root, ['a.json', 'c.yaml']), [files['a.json'], files['c.yaml']]);
  });

  for (const [flag, code] of [
    ['--check', 1],
    ['--dry-run', 0],
  ] as const) {
    test(`changes nothing with ${flag}, and tells what would change`, async () => {
      const root = treeOf(TREE);
      const ran = await kubeseal(['re-encrypt', '.', flag, ...OFFLINE], { cwd: root });
      const error = `error: 2 SealedSecrets are not known to be sealed with the newest key, ${fresh.fingerprint}; run the same command without --check\n`;
      assert.deepEqual(ran, {
        code,
        stdout: '',
        stderr: `a/old.json: 2 items to re-encrypt\nmixed.yaml: 1 item to re-encrypt, 3 untouched\n${code === 1 ? error : ''}4 SealedSecrets in 3 files: 2 to re-encrypt, 2 with the newest key\n`,
      });
      assert.deepEqual(contentsOf(root, names), Object.values(TREE));
      await offline(root);
      const again = await kubeseal(['re-encrypt', '.', flag, ...OFFLINE], { cwd: root });
      assert.deepEqual(again, {
        code: 0,
        stdout: '',
        stderr: '4 SealedSecrets in 3 files: 0 to re-encrypt, 4 with the newest key\n',
      });
    });
  }

  test('takes files, and follows a link that is named', async () => {
    const root = treeOf({ 'a.json': OLD, 'b.txt': OLD, 'c.json': OLD, 'd.json': OLD });
    chmodSync(`${root}/a.json`, 0o640);
    symlinkSync('a.json', `${root}/link.json`);
    const args = ['re-encrypt', ...OFFLINE, `${root}/link.json`, `${root}/b.txt`, `${root}/c.json`];
    const { warnings, errors } = await inProcess(args);
    assert.deepEqual(
      [errors, warnings.at(-1)],
      [[], '3 SealedSecrets in 3 files: 3 re-encrypted, 0 with the newest key'],
    );
    assert.equal(statSync(`${root}/a.json`).mode & 0o777, 0o640);
    assert.equal(readFileSync(`${root}/d.json`, 'utf8'), OLD);
  });

  test('prints nothing else, also with many files at once', async () => {
    const many = Object.fromEntries(Array.from({ length: 40 }, (_, index) => [`${index}.json`, OLD]));
    const args = ['re-encrypt', '.', ...KEYS, '--concurrency', '40'];
    const { code, stderr } = await kubeseal(args, { cwd: treeOf(many) });
    assert.equal(code, 0);
    assert.match(
      stderr,
      /^(\d+\.json: 2 items re-encrypted\n){40}40 SealedSecrets in 40 files: 40 re-encrypted, 0 with the newest key\n$/,
    );
  });

  test('refuses to replace a file that may not be written', () => {
    const root = treeOf({ 'a.json': OLD, 'b.json': OLD });
    chmodSync(`${root}/a.json`, 0o444);
    const own: { uid?: number; gid?: number } = {};
    // The superuser may write every file.
    if (process.getuid?.() === 0) {
      Object.assign(own, { uid: 65534, gid: 65534 });
      for (const path of [folder.path, keys, cert, root, `${root}/a.json`, `${root}/b.json`])
        chownSync(path, 65534, 65534);
    }
    const [command, ...first] = KUBESEAL;
    const env = { PATH: process.env['PATH'] };
    const args = [...first, 're-encrypt', '.', ...OFFLINE];
    const { status, stderr } = spawnSync(command, args, { ...own, cwd: root, env, encoding: 'utf8' });
    assert.equal(
      stderr,
      'b.json: 2 items re-encrypted\nerror: cannot write a.json: permission denied\n' +
        '2 SealedSecrets in 2 files: 1 re-encrypted, 0 with the newest key, 1 failed\n',
    );
    assert.equal(status, 1);
    assert.equal(readFileSync(`${root}/a.json`, 'utf8'), OLD);
  });
});

suite('kubeseal re-encrypt DIR, with the controller', () => {
  const TREE = { 'a.json': NEW, 'b.json': NEW, 'c.json': NEW };

  test('re-encrypts what has no hint, records one, and does nothing in a second run', async () => {
    const root = treeOf(TREE);
    assert.deepEqual(await withController(root), {
      warnings: [
        'a.json: 2 items re-encrypted',
        'b.json: 2 items re-encrypted',
        'c.json: 2 items re-encrypted',
        '3 SealedSecrets in 3 files: 3 re-encrypted, 0 with the newest key',
      ],
      errors: [],
    });
    assert.equal(controller.sent.length, 3);
    assert.deepEqual((await withController(root)).warnings, [
      '3 SealedSecrets in 3 files: 0 re-encrypted, 3 with the newest key',
    ]);
    assert.equal(controller.sent.length, 3);
    for (const each of contentsOf(root, Object.keys(TREE))) assert.deepEqual(await itemsOf(each), [items]);
  });

  test('does not believe a hint that a ciphertext disproves', async () => {
    const wide = certificatePem('a4096');
    const large = JSON.stringify(sealedSecret(parseCertificate(wide, 'a4096'), DB, items), null, 2);
    const hinted = large.replace('"annotations": {}', `"annotations": {"${HINT}": "${fresh.fingerprint}"}`);
    controller.onRotate((object) => {
      const { spec } = JSON.parse(NEW) as { spec: { encryptedData: Record<string, string> } };
      return json(200, answerOf(object, new Map(Object.entries(spec.encryptedData))));
    });
    const root = treeOf({ 'a.json': hinted });
    assert.equal(
      (await withController(root)).warnings.at(-1),
      '1 SealedSecret in 1 file: 1 re-encrypted, 0 with the newest key',
    );
  });

  test('goes on after the controller was busy, with several files at once too', async () => {
    for (const args of [[], ['--concurrency', '3']]) {
      controller.reset();
      let asked = 0;
      const { encryptedData } = (JSON.parse(NEW) as { spec: { encryptedData: Record<string, string> } }).spec;
      controller.onRotate((object) =>
        asked++ % 3 < 2 ? busy('0') : json(200, answerOf(object, new Map(Object.entries(encryptedData)))),
      );
      const { warnings, errors } = await withController(treeOf(TREE), ...args);
      assert.deepEqual([errors, warnings.length], [[], 4]);
      assert.equal(asked, 9);
    }
  });

  test('collects what the controller refuses, and does the others', async () => {
    const moved = NEW.replace('"name": "db"', '"name": "moved"');
    const root = treeOf({ 'a.json': moved, 'b.json': NEW });
    const { warnings, errors } = await withController(root);
    assert.deepEqual(errors, [
      'unable to decrypt sealed secret: moved [a.json]: the controller does not say why; it may not handle this namespace',
    ]);
    assert.equal(
      warnings.at(-1),
      '2 SealedSecrets in 2 files: 1 re-encrypted, 0 with the newest key, 1 failed',
    );
    assert.equal(readFileSync(`${root}/a.json`, 'utf8'), moved);
  });

  test('checks without a private key, by the certificate of the cluster or of --cert', async () => {
    const root = treeOf(TREE);
    const kubeconfig = ['--kubeconfig', folder.write('kubeconfig', controller.kubeconfig)];
    for (const args of [kubeconfig, ['--cert', cert]]) {
      const { warnings, errors } = await reEncrypt(root, '--check', ...args);
      assert.match(
        errors[0] ?? '',
        /^3 SealedSecrets are not known to be sealed with the newest key, SHA256:/,
      );
      assert.equal(warnings.at(-1), '3 SealedSecrets in 3 files: 3 to re-encrypt, 0 with the newest key');
    }
    assert.deepEqual(controller.sent, []);
    await withController(root);
    for (const args of [kubeconfig, ['--cert', cert]])
      assert.deepEqual((await reEncrypt(root, '--check', ...args)).errors, []);
  });

  test('ends early if the controller is gone, and tells how far it came', async () => {
    const root = treeOf(TREE);
    let asked = 0;
    const { encryptedData } = (JSON.parse(NEW) as { spec: { encryptedData: Record<string, string> } }).spec;
    controller.onRotate((object) =>
      asked++ === 0
        ? json(200, answerOf(object, new Map(Object.entries(encryptedData))))
        : (response) => response.destroy(),
    );
    const { warnings, errors } = await withController(root);
    assert.equal(errors.length, 1);
    assert.match(errors[0] ?? '', /^cannot reach the controller: /);
    assert.equal(
      warnings.at(-1),
      '2 SealedSecrets in 2 files: 1 re-encrypted, 0 with the newest key, 1 failed; 1 file not looked at',
    );
  });
});

suite('kubeseal re-encrypt', () => {
  const refusals: [readonly string[], string][] = [
    [['re-encrypt', '.', '-w', 'x'], 're-encrypt: --sealed-secret-file and "." cannot be used together'],
    [['re-encrypt', '.', '-o', 'yaml'], 're-encrypt: --format and "." cannot be used together'],
    [['re-encrypt', '--check', '-f', 'x'], '--check needs files or folders: kubeseal re-encrypt DIR'],
    [['--re-encrypt', '--check'], '--check needs files or folders: kubeseal re-encrypt DIR'],
    [
      ['re-encrypt', '.', '--cert', cert],
      're-encrypt: --cert requires --recovery-private-key; the controller seals with its own newest key',
    ],
  ];
  for (const [args, message] of refusals) {
    test(`refuses ${args.slice(0, -1).join(' ')}`, async () => {
      assert.deepEqual((await inProcess(args)).errors, [message]);
    });
  }

  test('-f FILE with --dry-run tells what would change, and changes nothing', async () => {
    const file = folder.write('one.json', OLD + OLD);
    const { warnings, errors } = await inProcess(['--re-encrypt', ...KEYS, '-f', file, '--dry-run']);
    assert.deepEqual([warnings, errors], [[`${file}: 4 items to re-encrypt`], []]);
    assert.equal(readFileSync(file, 'utf8'), OLD + OLD);
  });
});
