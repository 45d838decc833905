import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { load } from 'js-yaml';
import { explainDocument, type ExplainedDocument } from '../../cli/inspect/explained-document.ts';
import { explanationText } from '../../cli/inspect/explanation-text.ts';
import { parseSealedSecret } from '../../shared/api/sealed-secret.ts';
import { parseCertificate } from '../../shared/crypto/parse-certificate.ts';
import { misfit, parseEnvelope } from '../../shared/crypto/envelope.ts';
import { kubeseal } from '../support/run.ts';
import { sealedItem, sealedSecret, type SealedBody } from '../support/sealed.ts';
import { temporaryFolder } from '../support/temporary.ts';
import { CASES, certificatePem, RAW_CASES, vectorKey } from '../support/vectors.ts';

const folder = temporaryFolder();
const DB = { name: 'db', namespace: 'prod' };
const certificate = parseCertificate(certificatePem('c2048'), 'c2048');
const cert = folder.write('cert.pem', certificatePem('c2048'));
const large = folder.write('large.pem', certificatePem('a4096'));
const NOW = new Date(certificate.notBefore.getTime() + 3 * 24 * 60 * 60 * 1000);

/** Returns what is explained about an object, as JSON has it. */
async function explained(body: object, names: readonly string[] = []): Promise<ExplainedDocument> {
  const place = { source: 'sealed.yaml' };
  const suspects = names.map((name) => {
    const suspect = parseCertificate(certificatePem(name), name);
    return { certificate: suspect, from: name };
  });
  const document = { value: body, place };
  return explainDocument({ document, sealed: parseSealedSecret(body, place) }, { suspects, now: NOW });
}

function withItem(item: string, value: unknown): SealedBody {
  const body = sealedSecret(certificate, DB, {});
  return { ...body, spec: { ...body.spec, encryptedData: { [item]: value as string } } };
}

suite('kubeseal explain', () => {
  test('tells people what a SealedSecret is', async () => {
    const body = sealedSecret(
      certificate,
      DB,
      { password: 'hunter2', user: '' },
      { template: { type: 'kubernetes.io/basic-auth', metadata: { labels: { app: 'db' } } } },
    );
    const file = folder.write('sealed.json', JSON.stringify(body));
    const ran = await kubeseal(['explain', file, '--cert', large]);
    assert.deepEqual([ran.code, ran.stderr], [0, '']);
    assert.equal(
      ran.stdout.replace(/SHA256:\S+, 4096 bits, valid from .*/, '…'),
      `SealedSecret prod/db
  unseals  only under the name "db" in the namespace "prod" (scope strict)
  type     kubernetes.io/basic-auth
  items
    password  7 bytes, sealed for a key of 2048 bits
    user      0 bytes, sealed for a key of 2048 bits
  template
    label  app=db
  certificate ${large}: …
    cannot have sealed password (its key has another size), user (its key has another size)
`,
    );
  });

  test('prints JSON and YAML with the same content, of every SealedSecret of the file', async () => {
    const text = `kind: ConfigMap\n---\n${JSON.stringify(sealedSecret(certificate, DB, { a: 'b' }))}\n---\n${JSON.stringify(
      sealedSecret(certificate, { name: 'web', namespace: 'prod' }, { c: 'de' }),
    )}\n`;
    const json = await kubeseal(['explain', '-', '-o', 'json'], { stdin: text });
    assert.deepEqual([json.code, json.stderr], [0, '']);
    const { file, sealedSecrets } = JSON.parse(json.stdout) as {
      readonly file: string;
      readonly sealedSecrets: readonly ExplainedDocument[];
    };
    assert.equal(file, '<stdin>');
    assert.deepEqual(
      sealedSecrets.map(({ document, name }) => [document, name]),
      [
        [2, 'db'],
        [3, 'web'],
      ],
    );
    assert.deepEqual(sealedSecrets[1]?.items, [{ name: 'c', leftOut: false, keyBits: 2048, length: 2 }]);
    const yaml = await kubeseal(['explain', '-', '-oyaml'], { stdin: text });
    assert.deepEqual(load(yaml.stdout), JSON.parse(json.stdout));
    for (const args of [
      ['--name', 'web'],
      ['--document', '3'],
      ['-n', 'prod', '--document=3'],
    ]) {
      const one = await kubeseal(['explain', '-', ...args], { stdin: text });
      assert.match(one.stdout, /^SealedSecret prod\/web\n/);
      assert.doesNotMatch(one.stdout, /prod\/db/);
    }
  });

  const refused: [readonly string[], string, string][] = [
    [[], '', 'explain: a file is required, or - for stdin; its usage: kubeseal explain FILE [flags]'],
    [['-', '--cert', folder.path], '', `cannot read ${folder.path}: is a directory`],
    [
      ['-'],
      'kind: Secret',
      '<stdin> holds a Secret, not a SealedSecret: seal it into another file first, with -f and -w',
    ],
    [
      ['-', '--name', 'web'],
      JSON.stringify(sealedSecret(certificate, DB, {})),
      '<stdin> does not hold the SealedSecret of --document, --name and -n; it holds document 1 (prod/db)',
    ],
    [['/nosuch.yaml'], '', 'open /nosuch.yaml: no such file or directory'],
  ];
  for (const [args, stdin, message] of refused) {
    test(`refuses bad input: ${args.join(' ')} ${message}`, async () => {
      const ran = await kubeseal(['explain', ...args], { stdin });
      assert.deepEqual(ran, { code: 1, stdout: '', stderr: `error: ${message}\n` });
    });
  }

  for (const scope of ['strict', 'namespace-wide', 'cluster-wide'] as const) {
    test(`says where it can be unsealed: ${scope}`, async () => {
      const { unseals } = await explained(sealedSecret(certificate, DB, {}, { scope }));
      const name = scope === 'strict' ? 'db' : null;
      assert.deepEqual(unseals, { scope, name, namespace: scope === 'cluster-wide' ? null : 'prod' });
    });
  }

  const malformed: [string, unknown, string][] = [
    ['text', 'hunter2!', 'illegal base64 data at input byte 7'],
    ['a number', 7, 'the value is not a string'],
    ['null', null, 'the value is not a string'],
    ['nothing', '', 'the value is truncated or not a sealed value'],
    ['other base64', 'aHVudGVyMg==', 'the value is truncated or not a sealed value'],
    [
      'a cut value',
      sealedItem(certificate, DB, 'x').slice(0, 100),
      'the value is truncated or not a sealed value',
    ],
  ];
  for (const [what, value, problem] of malformed) {
    test(`names a malformed item, and no part of its value: ${what}`, async () => {
      const explanation = await explained(withItem('password', value), ['c2048']);
      assert.deepEqual(explanation.items, [{ name: 'password', leftOut: false, problem }]);
      const [suspect] = explanation.certificates;
      assert.deepEqual([suspect?.cannotHaveSealed, suspect?.mayHaveSealed], [[], []]);
      assert.match(explanationText(explanation), new RegExp(`password +malformed: ${problem}\n`));
    });
  }

  test('tells the lengths of the values of the reference', async () => {
    for (const { ciphertext, plaintext } of RAW_CASES) {
      const { items } = await explained(withItem('a', ciphertext.toString('base64')));
      const [item] = items;
      assert.ok(item && 'length' in item);
      assert.equal(item.length, plaintext.length);
    }
  });

  test('never says that the certificate that sealed an item cannot have sealed it', async () => {
    let count = 0;
    for (const { source, sealedSecret: body } of CASES) {
      if (source === undefined) continue;
      const [suspect] = (await explained(body, [source.key])).certificates;
      assert.ok(suspect);
      assert.deepEqual(suspect.cannotHaveSealed, []);
      count += suspect.mayHaveSealed.length;
    }
    assert.ok(count > 5);
  });

  test('takes a number that is not below the modulus as a proof', async () => {
    const { modulus } = certificate.publicKey;
    const bytes = Buffer.from(sealedItem(certificate, DB, 'x'), 'base64');
    bytes.set(modulus, 2);
    const body = withItem('a', bytes.toString('base64'));
    const [first] = (await explained(body, ['c2048'])).certificates;
    assert.deepEqual(first?.cannotHaveSealed, [{ item: 'a', because: 'modulus' }]);
    const envelope = parseEnvelope(bytes);
    assert.ok(envelope);
    // The largest number that the key can have made.
    envelope.wrappedKey[modulus.length - 1] = (modulus.at(-1) ?? 1) - 1;
    assert.equal(misfit(envelope, (await vectorKey('c2048')).modulus), undefined);
  });

  test('tells the age of a hinted key if a certificate has it', async () => {
    const body = sealedSecret(certificate, DB, { a: 'b' });
    const annotations = {
      'sealedsecrets.bitnami.com/sealing-key': `${certificate.fingerprint},SHA256:${'A'.repeat(43)}`,
    };
    const hinted = { ...body, metadata: { ...body.metadata, annotations } };
    const explanation = await explained(hinted, ['a4096', 'c2048']);
    const [known, unknown] = explanation.hintedKeys;
    assert.equal(known?.certificate?.ageInDays, 3);
    assert.equal(known.certificate.from, 'c2048');
    assert.equal(unknown?.certificate, null);
    assert.match(
      explanationText(explanation),
      /sealing key +SHA256:\S+, valid from \S+, 3 days old \(c2048\)/,
    );
  });

  test('names what templates use, what is missing and what the Secret leaves out', async () => {
    const data = {
      url: 'https://{{ .user }}:{{ index . "pass-word" }}@{{ .host }}',
      all: '{{ range $k, $v := . }}{{ $k }}{{ end }}',
      text: 'plain',
      sprig: '{{ .user | b64enc }}',
      broken: '{{ .user',
      user: null,
    };
    const body = sealedSecret(certificate, DB, { user: 'ada', 'pass-word': 'x' }, { template: { data } });
    const { template, items } = await explained(body);
    assert.deepEqual(template.data, [
      { name: 'url', uses: ['host', 'pass-word', 'user'], missing: ['host'], usesAll: false },
      { name: 'all', uses: [], missing: [], usesAll: true },
      { name: 'text', uses: [], missing: [], usesAll: false },
      { name: 'sprig', uses: ['user'], missing: [], usesAll: false },
      { name: 'broken', problem: 'template: broken:1: unclosed action' },
    ]);
    assert.deepEqual(
      items.map(({ name, leftOut }) => [name, leftOut]),
      [
        ['user', true],
        ['pass-word', false],
      ],
    );
  });

  test('notes a scope annotation that has no effect', async () => {
    const annotations = { 'sealedsecrets.bitnami.com/cluster-wide': 'true' };
    const body = sealedSecret(certificate, DB, {}, { template: { metadata: { annotations } } });
    assert.deepEqual((await explained(body)).notes, [
      'the scope annotation of spec.template has no effect: it belongs in metadata',
    ]);
  });

  test('reads the deprecated form, and several certificates of one file', async () => {
    const body = sealedSecret(certificate, DB, {});
    const data = sealedItem(certificate, DB, '{"kind":"Secret"}');
    const file = folder.write('v1.json', JSON.stringify({ ...body, spec: { data } }));
    const both = folder.write('both.pem', certificatePem('a4096') + certificatePem('c2048'));
    const { stdout } = await kubeseal(['explain', file, '--cert', both, '--cert', cert]);
    assert.match(stdout, /deprecated form\n {4}data {2}17 bytes, sealed for a key of 2048 bits\n/);
    assert.equal(stdout.match(/cannot have sealed/g)?.length, 1);
    assert.equal(stdout.match(/may have sealed/g)?.length, 1);
  });

  test('shows no control characters of a file', async () => {
    const name = '\u001b[2Jx';
    const body = sealedSecret(certificate, DB, { [name]: 'b' });
    const template = { type: name, metadata: { labels: { [name]: name } }, data: { [name]: `{{ .${name}` } };
    const text = explanationText(
      await explained({ ...body, metadata: { name, namespace: name }, spec: { ...body.spec, template } }),
    );
    assert.doesNotMatch(text, /(?!\n)\p{Cc}/u);
  });
});
