import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { suite, test } from 'node:test';
import type { Choices, Input, Message, Result } from '../../web/model/types.ts';
import { choices, item, model, outputsOf, pasted } from '../web/model/model-bed.ts';
import { kubeseal, type Ran } from '../support/run.ts';
import { temporaryFolder } from '../support/temporary.ts';
import { certificatePem } from '../support/vectors.ts';

const folder = temporaryFolder();
const pem = certificatePem('c2048');
const cert = folder.write('cert.pem', pem);
const CERTIFICATES = [{ name: 'c2048', pem }];

/** Makes ciphertexts comparable: two of one value always differ. */
function withoutCiphertexts(text: string): string {
  return text.replace(/\bA[gQ][A-Za-z0-9+/]{100,}={0,2}/g, 'CIPHERTEXT');
}

/** Returns what kubeseal printed, with the short names of files, and without hints at flags. */
function printed({ stderr }: Ran): string[] {
  return stderr
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => line.replaceAll(`${folder.path}/`, '').replace(/; (?:set it, or )?use --[^;]*$/, ''))
    .toSorted();
}

/** Returns messages of the page as kubeseal prints them. */
function asPrinted(messages: readonly Message[]): string[] {
  return messages
    .map(({ severity, text }) => (severity === 'note' ? `(${text})` : `${severity}: ${text}`))
    .toSorted();
}

async function sealInPage(text: string, fileName: string, changes: Partial<Choices>): Promise<Result> {
  const input: Input = { kind: 'secrets', file: pasted(text, fileName) };
  return model.seal(input, choices(CERTIFICATES, changes));
}

const METADATA = 'apiVersion: v1\nkind: Secret\nmetadata:\n  name: db\n  namespace: shop\n';
const WIDE = '  annotations: {sealedsecrets.bitnami.com/cluster-wide: "true"}\n';

/** Secrets that are sealed, some of them with warnings. */
const SEALED: Readonly<Record<string, string>> = {
  plain: `${METADATA}  labels: {app: db, "a/b": "yes"}\n  annotations: {note: "x: y"}\nstringData: {b: x, a: "1"}\ntype: Opaque\n`,
  several: `${METADATA}stringData: {a: x}\n---\n{"metadata": {"name": "json", "namespace": "b"}, "data": {"k": "eA=="}}\n`,
  wide: `${METADATA}${WIDE}immutable: true\nstringData: {a: x}\n`,
  unknownField: `${METADATA}stringDat: {a: x}\nstringData: {a: x}\n`,
  placeholder: `${METADATA.replace('name: db', 'name: "{{ name }}"')}stringData: {a: x}\n`,
  itemName: `${METADATA}stringData: {"a b": x}\n`,
  typeItems: `${METADATA}type: kubernetes.io/tls\nstringData: {tls.crt: x}\n`,
  large: `${METADATA}stringData: {a: ${'x'.repeat(1_200_000)}}\n`,
};

/** Inputs that are refused. */
const REFUSED: Readonly<Record<string, string>> = {
  noName: METADATA.replace('  name: db\n', '') + 'stringData: {a: x}\n',
  noNamespace: METADATA.replace('  namespace: shop\n', '') + 'stringData: {a: x}\n',
  noItems: METADATA,
  badName: METADATA.replace('db', 'a/b') + 'stringData: {a: x}\n',
  base64: `${METADATA}data: {a: "not base64"}\n`,
  number: `${METADATA}stringData: {port: 8080}\n`,
  valueInName: `${METADATA}stringData: {password:hunter2}\n`,
  twice: `${METADATA}stringData: {a: x, a: y}\n`,
  otherKind: 'apiVersion: apps/v1\nkind: Deployment\n',
  otherVersion: 'apiVersion: v2\nkind: Secret\n',
  syntax: 'kind: Secret\n  x\n: {\n',
  list: '[{"kind": "Secret"}]',
  text: 'hello',
  empty: '---\n',
  alias: `${METADATA}a: &a {a: *a}\n`,
  deep: `${METADATA}stringData: ${'['.repeat(200)}\n`,
};

suite('the page and kubeseal', () => {
  for (const [name, text] of Object.entries(SEALED))
    test(`write the same and warn alike: ${name}`, async () => {
      const file = folder.write(`${name}.yaml`, text);
      for (const format of ['yaml', 'json'] as const) {
        const ran = await kubeseal(['--cert', cert, '-f', file, '-o', format]);
        const result = await sealInPage(text, basename(file), { format });
        const [output] = outputsOf(result);
        assert.equal(ran.code, 0, ran.stderr);
        assert.equal(withoutCiphertexts(output?.text ?? ''), withoutCiphertexts(ran.stdout));
        assert.deepEqual(asPrinted(result.messages), printed(ran));
      }
    });

  for (const [name, text] of Object.entries(REFUSED))
    test(`refuse in the same words: ${name}`, async () => {
      const file = folder.write(`${name}.yaml`, text);
      const ran = await kubeseal(['--cert', cert, '-f', file]);
      const result = await sealInPage(text, basename(file), {});
      assert.equal(ran.code, 1);
      assert.equal(result.kind, 'refused');
      assert.deepEqual(
        asPrinted(result.messages)
          .filter((line) => line.startsWith('error: '))
          .slice(0, 1),
        printed(ran).filter((line) => line.startsWith('error: ')),
      );
    });

  test('write the same for a form as kubeseal create', async () => {
    const chosen = choices(CERTIFICATES, { namespaces: ['shop'] });
    const items = {
      kind: 'form',
      name: 'db',
      type: 'custom/x',
      items: [item('a', 'x'), item('b', '')],
    } as const;
    const login = {
      kind: 'docker',
      name: 'db',
      server: 'r.example',
      username: 'ada',
      password: 'x',
      email: 'a@b',
    } as const;
    const files = ['-n', 'shop', '--cert', cert];
    const runs: readonly (readonly [Input, readonly string[]])[] = [
      [
        items,
        ['create', 'generic', 'db', '--type', 'custom/x', '--from-literal', 'a=x', '--from-literal', 'b='],
      ],
      [
        login,
        [
          'create',
          'docker-registry',
          'db',
          '--docker-server',
          'r.example',
          '--docker-username',
          'ada',
          '--docker-password',
          'x',
          '--docker-email',
          'a@b',
        ],
      ],
    ];
    for (const [input, args] of runs) {
      const ran = await kubeseal([...args, ...files]);
      const result = await model.seal(input, chosen);
      assert.equal(withoutCiphertexts(outputsOf(result)[0]?.text ?? ''), withoutCiphertexts(ran.stdout));
      const about = printed(ran).filter((line) => !line.startsWith('(a value on the command line'));
      assert.deepEqual(asPrinted(result.messages), about);
    }
  });

  test('change the same bytes of a SealedSecret, and warn alike', async () => {
    const made = await kubeseal(['--cert', cert, '-o', 'yaml'], { stdin: SEALED['wide'] ?? '' });
    const text = `# ours\n${made.stdout.replace('  encryptedData:\n', '  encryptedData:\n    # old\n')}`;
    const file = folder.write('sealed.yaml', text);
    const chosen = choices(CERTIFICATES);
    const changed = { kind: 'sealed', file: pasted(text, 'sealed.yaml'), object: 0, remove: [] } as const;
    const set = await model.seal({ ...changed, set: [item('b', 'y')] }, chosen);
    const ran = await kubeseal(['set', file, 'b=y', '--cert', cert]);
    assert.equal(
      withoutCiphertexts(outputsOf(set)[0]?.text ?? ''),
      withoutCiphertexts(readFileSync(file, 'utf8')),
    );
    assert.deepEqual(
      asPrinted(set.messages),
      printed(ran).filter((line) => !/^\(a value on|: b added/.test(line)),
    );
    const after = readFileSync(file, 'utf8');
    const unset = await model.seal(
      { ...changed, file: pasted(after, 'sealed.yaml'), set: [], remove: ['a'] },
      chosen,
    );
    await kubeseal(['unset', file, 'a']);
    assert.equal(outputsOf(unset)[0]?.text, readFileSync(file, 'utf8'));
  });
});
