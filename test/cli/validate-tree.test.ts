import assert from 'node:assert/strict';
import { beforeEach, suite, test } from 'node:test';
import { parseCertificate } from '../../shared/crypto/parse-certificate.ts';
import { kubeseal } from '../support/run.ts';
import { sealedSecret } from '../support/sealed.ts';
import { temporaryFolder } from '../support/temporary.ts';
import { certificatePem, keyPem } from '../support/vectors.ts';
import { text } from './fake-api-server.ts';
import { busy, FakeController } from './fake-controller.ts';
import { inProcess, type CommandOutput } from './in-process.ts';
import { treeOf } from './tree.ts';

const folder = temporaryFolder();
const key = folder.write('key.pem', keyPem('c2048'));
const certificate = parseCertificate(certificatePem('c2048'), 'c2048');
const controller = new FakeController();
beforeEach(() => controller.reset());

const GOOD = JSON.stringify(
  sealedSecret(certificate, { name: 'db', namespace: 'prod' }, { password: 'hunter2' }),
);
const MOVED = GOOD.replace('"name":"db"', '"name":"moved"');
const OTHER = '{"kind": "ConfigMap"}';

const TREE = {
  'a.json': GOOD + MOVED,
  'b/c.yaml': `${GOOD}\n---\n${OTHER}\n---\n${GOOD}\n`,
  'b/other.yaml': OTHER,
  'z/broken.yaml': 'kind: SealedSecret\nspec: [',
};

async function validate(root: string, ...args: string[]): Promise<CommandOutput> {
  const { warnings, errors } = await inProcess(['validate', ...args, root]);
  const plain = (line: string): string => line.replaceAll(`${root}/`, '');
  return { warnings: warnings.map(plain), errors: errors.map(plain) };
}

function withController(root: string, ...args: string[]): Promise<CommandOutput> {
  return validate(root, '--kubeconfig', folder.write('kubeconfig', controller.kubeconfig), ...args);
}

suite('kubeseal validate DIR', () => {
  for (const [what, run] of [
    ['the controller', withController],
    ['the private keys', (root: string) => validate(root, '--recovery-private-key', key)],
  ] as const) {
    test(`validates every file with ${what}, and tells what failed and a summary`, async () => {
      const { warnings, errors } = await run(treeOf(TREE));
      assert.deepEqual(warnings, ['4 SealedSecrets in 2 files: 3 valid, 1 failed; 1 file could not be read']);
      assert.equal(errors.length, 2);
      assert.match(errors[0] ?? '', /^unable to decrypt sealed secret: moved \[a\.json: document 2\]/);
      assert.match(errors[1] ?? '', /^z\/broken\.yaml: neither JSON nor YAML: /);
    });

    test(`succeeds with ${what} if all are valid`, async () => {
      assert.deepEqual(await run(treeOf({ 'a.json': GOOD, 'b.json': OTHER })), {
        warnings: ['1 SealedSecret in 1 file: 1 valid'],
        errors: [],
      });
    });
  }

  test('prints failures, then the summary, and ends with 1', async () => {
    const root = treeOf(TREE);
    const args = ['validate', '.', '--recovery-private-key', key, '--exclude', 'z/'];
    const ran = await kubeseal(args, { cwd: root });
    assert.deepEqual([ran.code, ran.stdout], [1, '']);
    assert.match(
      ran.stderr,
      /^error: unable to decrypt sealed secret: moved \[a\.json: document 2\][^\n]*\n4 SealedSecrets in 2 files: 3 valid, 1 failed\n$/,
    );
    const fine = await kubeseal([...args, '--include', 'b'], { cwd: root });
    assert.deepEqual(fine, { code: 0, stdout: '', stderr: '2 SealedSecrets in 1 file: 2 valid\n' });
  });

  test('goes on after the controller was busy, and sends one after the other', async () => {
    let asked = 0;
    let running = 0;
    controller.onVerify((_, response) => {
      assert.equal(++running, 1);
      response.on('finish', () => running--);
      return asked++ % 2 === 0 ? busy('0') : text('');
    });
    const root = treeOf(Object.fromEntries(['a', 'b', 'c', 'd'].map((name) => [`${name}.json`, GOOD])));
    assert.deepEqual(await withController(root), {
      warnings: ['4 SealedSecrets in 4 files: 4 valid'],
      errors: [],
    });
    assert.equal(asked, 8);
  });

  test('ends early if no controller answers, and tells how far it came', async () => {
    controller.onVerify(() => (response) => response.destroy());
    const { warnings, errors } = await withController(
      treeOf({ 'a.json': GOOD, 'b.json': GOOD, 'c.json': GOOD }),
    );
    assert.equal(errors.length, 1);
    assert.match(errors[0] ?? '', /^cannot reach the controller: /);
    assert.deepEqual(warnings, ['1 SealedSecret in 1 file: 0 valid, 1 failed; 2 files not looked at']);
  });

  test('warns if there is no SealedSecret', async () => {
    const root = treeOf({ 'a.yaml': OTHER });
    const { warnings, errors } = await inProcess(['validate', '--recovery-private-key', key, root]);
    assert.deepEqual(errors, []);
    assert.deepEqual(warnings, [
      `warning: no SealedSecrets in ${root}`,
      '0 SealedSecrets in 0 files: 0 valid',
    ]);
  });

  const refusals: [readonly string[], string][] = [
    [['validate', '-f', 'a.yaml', 'b.yaml'], 'validate: --secret-file and "b.yaml" cannot be used together'],
    [['validate', '--exclude', 'a'], '--exclude needs files or folders: kubeseal validate DIR'],
    [['--validate', '--include', 'a'], '--include needs files or folders: kubeseal validate DIR'],
    [['--include', 'a'], '--include is for kubeseal re-encrypt DIR and kubeseal validate DIR'],
  ];
  for (const [args, message] of refusals) {
    test(`is refused: ${args.join(' ')}`, async () => {
      assert.deepEqual((await inProcess(args)).errors, [message]);
    });
  }
});
