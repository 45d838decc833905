import assert from 'node:assert/strict';
import { chmodSync, lstatSync, readdirSync, readFileSync, statSync, symlinkSync } from 'node:fs';
import { suite, test } from 'node:test';
import { parseSealedSecret } from '../../shared/api/sealed-secret.ts';
import { readDocuments } from '../../shared/manifest/read.ts';
import { SCOPES } from '../../shared/seal/scope.ts';
import { kubeseal, type Ran } from '../support/run.ts';
import { temporaryFolder } from '../support/temporary.ts';
import { certificatePem, keyPem } from '../support/vectors.ts';

const folder = temporaryFolder();
const cert = folder.write('cert.pem', certificatePem('c2048'));
const key = folder.write('key.pem', keyPem('c2048'));
const SECRET =
  'apiVersion: v1\nkind: Secret\nmetadata:\n  name: db\n  namespace: prod\nstringData:\n  password: hunter2\n';
const secret = folder.write('secret.yaml', SECRET);

/** Recovers the sealed text and returns the items of the first Secret. */
async function recovered(sealed: string): Promise<unknown> {
  const ran = await kubeseal(['--recovery-unseal', '--recovery-private-key', key], { stdin: sealed });
  assert.equal(ran.stderr, '');
  return JSON.parse(ran.stdout) as unknown;
}

function silent(ran: Ran): string {
  assert.equal(ran.stderr, '');
  assert.equal(ran.code, 0);
  return ran.stdout;
}

/** Returns the output of sealing cluster-wide, and checks its warning. */
function warned(ran: Ran): string {
  assert.equal(
    ran.stderr,
    '(<stdin>: cluster-wide: anyone who can create a SealedSecret in any namespace can unseal it there)\n',
  );
  assert.equal(ran.code, 0);
  return ran.stdout;
}

suite('kubeseal', () => {
  test('seals stdin to stdout as JSON', async () => {
    const sealed = silent(await kubeseal(['--cert', cert], { stdin: SECRET }));
    assert.ok(
      sealed.startsWith(
        '{\n  "kind": "SealedSecret",\n  "apiVersion": "bitnami.com/v1alpha1",\n  "metadata": {\n',
      ),
    );
    assert.ok(sealed.endsWith('}\n'));
    assert.ok(!sealed.includes('hunter2') && !sealed.includes('null'));
    assert.deepEqual(await recovered(sealed), {
      kind: 'Secret',
      apiVersion: 'v1',
      metadata: { name: 'db', namespace: 'prod' },
      data: { password: 'aHVudGVyMg==' },
    });
  });

  test('takes the format from -o, in any letter case, and from the name of the file', async () => {
    const yaml = silent(await kubeseal(['--cert', cert, '-o', 'YAML', '-f', secret]));
    assert.match(
      yaml,
      /^---\napiVersion: bitnami.com\/v1alpha1\nkind: SealedSecret\nmetadata:\n {2}name: db\n {2}namespace: prod\nspec:\n {2}encryptedData:\n {4}password: A/,
    );
    const file = `${folder.path}/sealed.yml`;
    silent(await kubeseal(['--cert', cert, '-o', 'json', '-f', secret, '-w', file]));
    assert.match(readFileSync(file, 'utf8'), /^---\n/);
  });

  for (const scope of SCOPES) {
    test(`seals for the scope ${scope}`, async () => {
      const ran = await kubeseal(['--cert', cert, '--scope', scope], { stdin: SECRET });
      const sealed = scope === 'cluster-wide' ? warned(ran) : silent(ran);
      const { metadata } = parseSealedSecret(JSON.parse(sealed), { source: 'output' });
      const annotations = scope === 'strict' ? [] : [[`sealedsecrets.bitnami.com/${scope}`, 'true']];
      assert.deepEqual([...metadata.annotations], annotations);
      await recovered(sealed);
    });
  }

  test('seals several documents and the items of a List, in order', async () => {
    const list = `kind: List\nitems:\n- metadata: {name: x, namespace: z}\n  stringData: {a: b}\n`;
    const sealed = silent(
      await kubeseal(['--cert', cert, '-o', 'yaml'], { stdin: `${SECRET}---\n---\n${list}` }),
    );
    const names = readDocuments(Buffer.from(sealed), 'output').map(
      ({ value, place }) => parseSealedSecret(value, place).metadata.name,
    );
    assert.deepEqual(names, ['db', 'x']);
    const both = silent(
      await kubeseal(['--recovery', '--private-key', key, '-o', 'yaml'], { stdin: sealed }),
    );
    assert.equal(both.split('---\n').length, 3);
  });

  test('takes name and namespace from the flags if the Secret has none', async () => {
    const stdin = 'kind: Secret\nstringData: {a: b}\n';
    const sealed = silent(await kubeseal(['--cert', cert, '--name', 'n', '--namespace', 'ns'], { stdin }));
    const { name, namespace } = parseSealedSecret(JSON.parse(sealed), { source: 'output' }).metadata;
    assert.deepEqual([name, namespace], ['n', 'ns']);
    await recovered(sealed);
  });

  test('prefers --name to the name of the Secret, and accepts an equal namespace silently', async () => {
    const sealed = silent(
      await kubeseal(['--cert', cert, '--name', 'other', '-n', 'prod'], { stdin: SECRET }),
    );
    assert.equal(parseSealedSecret(JSON.parse(sealed), { source: 'output' }).metadata.name, 'other');
  });

  test('takes the namespace of the kubeconfig context, with a warning', async () => {
    const context = (namespace: string): string =>
      `apiVersion: v1\nkind: Config\ncurrent-context: a\nclusters:\n- {name: c, cluster: {server: "https://127.0.0.1:1"}}\n` +
      `contexts:\n- {name: a, context: {cluster: c, user: u${namespace}}}\n- {name: b, context: {cluster: c, user: u, namespace: shop}}\n` +
      `users:\n- {name: u, user: {token: t}}\n`;
    const env = { KUBECONFIG: folder.write('kubeconfig', context('')) };
    const stdin = 'metadata: {name: db}\nstringData: {a: b}\n';
    const first = await kubeseal(['--cert', cert], { stdin, env });
    assert.equal(
      first.stderr,
      '(<stdin>: no namespace specified; sealing for "default", from the kubeconfig context)\n',
    );
    const second = await kubeseal(['--cert', cert, '--context', 'b'], { stdin, env });
    assert.equal(
      second.stderr,
      '(<stdin>: no namespace specified; sealing for "shop", from the kubeconfig context)\n',
    );
    assert.match(second.stdout, /"namespace": "shop"/);
    const pod = await kubeseal(['--cert', cert], { stdin, env: { POD_NAMESPACE: 'here' } });
    assert.match(pod.stderr, /sealing for "here", from POD_NAMESPACE/);
  });

  test('seals cluster-wide without a namespace, and ignores the flag', async () => {
    const stdin = 'metadata: {name: db}\nstringData: {a: b}\n';
    for (const flags of [[], ['-n', 'elsewhere']]) {
      const sealed = warned(await kubeseal(['--cert', cert, '--scope', 'cluster-wide', ...flags], { stdin }));
      assert.ok(!sealed.includes('"namespace"'));
    }
    warned(await kubeseal(['--cert', cert, '--scope', 'cluster-wide', '-n', 'elsewhere'], { stdin: SECRET }));
  });

  test('takes items with the names of inherited properties', async () => {
    const stdin =
      '{"metadata": {"name": "n", "namespace": "ns"}, "stringData": {"__proto__": "a", "constructor": "b", "toString": "c"}}';
    const { data } = (await recovered(silent(await kubeseal(['--cert', cert], { stdin })))) as {
      data: object;
    };
    assert.deepEqual(Object.keys(data), ['__proto__', 'constructor', 'toString']);
  });

  test('warns of arguments that it ignores', async () => {
    const ran = await kubeseal(['--cert', cert, '-f', secret, 'secret.yaml']);
    assert.equal(ran.code, 0);
    assert.equal(ran.stderr, '(ignored: "secret.yaml")\n');
  });

  test('keeps the mode of an existing file and the symbolic link to it, and leaves nothing else', async () => {
    const inner = temporaryFolder();
    const real = inner.write('real.yaml', 'old');
    chmodSync(real, 0o640);
    const link = `${inner.path}/link.yaml`;
    symlinkSync('real.yaml', link);
    silent(await kubeseal(['--cert', cert, '-f', secret, '-w', link]));
    assert.ok(lstatSync(link).isSymbolicLink());
    assert.match(readFileSync(real, 'utf8'), /^---\napiVersion/);
    assert.equal(statSync(real).mode & 0o777, 0o640);
    assert.deepEqual(readdirSync(inner.path).sort(), ['link.yaml', 'real.yaml']);
  });

  test('may write the file that it reads', async () => {
    const file = folder.write('both.yaml', SECRET);
    assert.deepEqual(await kubeseal(['--cert', cert, '-f', file, '-w', file]), {
      code: 0,
      stdout: '',
      stderr: `(${file}: the SealedSecret replaced the plaintext Secret)\n`,
    });
    assert.match(readFileSync(file, 'utf8'), /kind: SealedSecret/);
  });

  test('prints its version and its help on stdout', async () => {
    assert.match(silent(await kubeseal(['--version'])), /^kubeseal version: \d+\.\d+\.\d+\n$/);
    for (const flag of ['--help', '-h']) assert.match(silent(await kubeseal([flag])), /^Usage: kubeseal /);
  });
});
