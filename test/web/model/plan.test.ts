import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import type { Choices, Input } from '../../../web/model/types.ts';
import { certificateOf, DAY, rsa } from '../../support/keys.ts';
import { choices, form, item, lines, makeCluster, model, pasted } from './model-bed.ts';

const prod = await makeCluster('prod');
const staging = await makeCluster('staging');

const SHOP = choices([prod.named], { namespaces: ['shop'] });

/** Returns the messages about an input. */
async function messages(input: Input, chosen: Choices = SHOP): Promise<string[]> {
  return lines((await model.plan(input, chosen)).messages);
}

function secrets(text: string, fileName?: string): Input {
  return { kind: 'secrets', file: pasted(text, fileName) };
}

const SECRET = 'kind: Secret\nmetadata: {name: db, namespace: shop}\nstringData: {password: hunter2}\n';

suite('a plan', () => {
  test('names each object for each certificate and namespace, with sizes and without values', async () => {
    const chosen = choices([prod.named, staging.named], { namespaces: ['a', 'b', 'a'] });
    const plan = await model.plan(form([item('user', 'ada'), item('password', 'hunter2')]), chosen);
    const items = [
      { name: 'user', action: 'seal', size: 3 },
      { name: 'password', action: 'seal', size: 7 },
    ];
    const target = { name: 'db', scope: 'strict', items };
    assert.deepEqual(plan, {
      messages: [],
      targets: [prod, staging].flatMap(({ named, fingerprint }) =>
        ['a', 'b'].map((namespace) => ({ certificate: named.name, fingerprint, ...target, namespace })),
      ),
    });
    assert.doesNotMatch(JSON.stringify(plan), /hunter2|aHVudGVyMg/);
  });

  test('takes namespace and scope of pasted Secrets, unless others are chosen', async () => {
    const text = SECRET.replace(
      'namespace: shop',
      'namespace: shop, annotations: {sealedsecrets.bitnami.com/namespace-wide: "true"}',
    );
    const own = await model.plan(secrets(text), choices([prod.named]));
    assert.deepEqual(
      own.targets.map(({ namespace, scope }) => [namespace, scope]),
      [['shop', 'namespace-wide']],
    );
    const chosen = choices([prod.named], { namespaces: ['test'], scope: 'strict' });
    const other = await model.plan(secrets(text), chosen);
    assert.deepEqual(
      other.targets.map(({ namespace, scope }) => [namespace, scope]),
      [['test', 'strict']],
    );
    assert.deepEqual(lines(other.messages), [
      'warning namespace: the pasted text: metadata.namespace has "shop", which the chosen namespaces replace',
    ]);
  });

  test('has a note about cluster-wide objects, which need no namespace', async () => {
    const chosen = choices([prod.named], { scope: 'cluster-wide' });
    assert.deepEqual(await messages(form([item('a', 'x')]), chosen), [
      'note scope: the form: cluster-wide: anyone who can create a SealedSecret in any namespace can unseal it there',
    ]);
    assert.deepEqual(
      (await messages(secrets(`${SECRET}---\n${SECRET}`), chosen))[0],
      'note scope: the pasted text: document 1 and 1 more: cluster-wide: anyone who can create a SealedSecret in any namespace can unseal it there',
    );
  });
});

suite('an error says which field is wrong', () => {
  const value = item('a', 'x');

  test('for a name or namespace that is missing or that no object can have', async () => {
    assert.deepEqual(await messages(form([value], { name: '' })), [
      'error name: the name of the Secret is missing',
    ]);
    assert.deepEqual(await messages(form([value], { name: 'My DB' })), [
      'error name: no Secret can have the name "My DB": only lower-case letters, digits, "-" and "." are allowed, at most 253, with a letter or digit at both ends of each part',
    ]);
    for (const namespaces of [[], ['']])
      assert.deepEqual(await messages(form([value]), choices([prod.named], { namespaces })), [
        'error namespace 0: no namespace is given, and the scope strict requires one',
      ]);
    assert.deepEqual(await messages(form([value]), choices([prod.named], { namespaces: ['ok', 'a.b'] })), [
      'error namespace 1: no namespace can have the name "a.b": only lower-case letters, digits and "-" are allowed, at most 63, with a letter or digit at both ends',
    ]);
  });

  test('for items: none, a wrong name, one twice', async () => {
    assert.deepEqual(await messages(form([])), ['error items: there is no item to seal']);
    // There is one, but it lacks its name.
    assert.deepEqual(await messages(form([item('', 'hunter2')])), [
      'error item-name 0: the item has no name',
    ]);
    const rule =
      'only letters, digits, "-", "_" and "." are allowed, at most 253, and neither "." nor a name that begins with ".."';
    assert.deepEqual(await messages(form([value, item('b c', 'y'), value, item('', '')])), [
      `error item-name 1: the form: no item of a Secret can have the name "b…": ${rule}`,
      'error item-name 2: the form: there is another item "a" already; each item has one value',
      'error item-name 3: the item has no name',
    ]);
  });

  test('for a login without user name or password', async () => {
    const login = { kind: 'docker', name: 'db', server: '', username: '', password: '', email: '' } as const;
    assert.deepEqual(await messages(login), [
      'error docker-username: the user name is empty',
      'error docker-password: the password is empty',
    ]);
  });

  test('for a pasted certificate, which may be to seal with or to be sealed', async () => {
    assert.deepEqual(await messages(secrets(prod.named.pem), choices([prod.named])), [
      'error file: the pasted text is a certificate: choose whether to seal with it or to seal it as an item',
    ]);
  });

  test('for a pasted Secret: a field, a name, no items', async () => {
    const chosen = choices([prod.named]);
    assert.deepEqual(await messages(secrets('kind: Secret\ndata: {a: 1}\n'), chosen), [
      'error file: the pasted text: data.a is a number, not a string: put it in quotes',
    ]);
    assert.deepEqual(
      await messages(secrets('kind: Secret\nmetadata: {namespace: a/b}\n', 'x.yaml'), chosen),
      [
        'error file: missing metadata.name in input Secret (x.yaml)',
        'error file: secret.data is empty in input Secret (x.yaml): nothing to seal',
        'error file: x.yaml: metadata.namespace: "a/b" is not a valid name: must not be empty or contain "/" or control characters',
      ],
    );
    assert.deepEqual(await messages(secrets(SECRET.replace(', namespace: shop', '')), chosen), [
      'error namespace 0: the pasted text: metadata.namespace is missing, and the scope strict requires it',
    ]);
  });

  test('for a raw value of more than one item or namespace', async () => {
    const words = ['error format: only one item in one namespace has a raw value; choose YAML or JSON'];
    const raw = { ...SHOP, format: 'raw' } as const;
    assert.deepEqual(await messages(form([value]), raw), []);
    assert.deepEqual(await messages(form([value, item('b', 'y')]), raw), words);
    assert.deepEqual(await messages(form([value]), { ...raw, namespaces: ['a', 'b'] }), words);
  });
});

suite('a certificate', () => {
  const value = form([item('a', 'x')]);

  test('is needed', async () => {
    assert.deepEqual(await messages(value, choices([], { namespaces: ['a'] })), [
      'error certificate: no certificate is chosen',
    ]);
  });

  test('that is expired, not yet valid, weak or not RSA is an error where it is chosen', async () => {
    const now = Date.now();
    const bad = [
      await certificateOf(rsa(), { notBefore: new Date(now - 3 * DAY), validity: DAY }),
      await certificateOf(rsa(), { notBefore: new Date(now + DAY) }),
      await certificateOf(rsa(1024)),
      'no PEM',
    ].map((pem, index) => ({ name: `c${index}`, pem }));
    const plan = await model.plan(value, choices([prod.named, ...bad], { namespaces: ['a'] }));
    assert.deepEqual(
      plan.messages.map(({ severity, code, field }) => [severity, code, field.index]),
      [
        ['error', 'CertificateExpired', 1],
        ['error', 'CertificateNotYetValid', 2],
        ['error', 'WeakKey', 3],
        ['error', 'NotACertificate', 4],
      ],
    );
    assert.deepEqual(
      plan.targets.map(({ certificate }) => certificate),
      ['prod'],
    );
  });

  test('is shown with its fingerprint and period, and with a warning before it expires', async () => {
    const summary = await model.readCertificate(prod.named);
    assert.ok('fingerprint' in summary);
    assert.equal(summary.fingerprint, prod.fingerprint);
    assert.deepEqual(summary.messages, []);
    const soon = await model.readCertificate({ name: 'soon', pem: await certificateOf(rsa()) });
    assert.match(
      'fingerprint' in soon ? (lines(soon.messages)[0] ?? '') : '',
      /^warning certificate: the certificate SHA256:.* expires on .*, in \d days \(soon\)$/,
    );
    const pem = await certificateOf(rsa(), { notBefore: new Date(Date.now() - 3 * DAY), validity: DAY });
    const expired = await model.readCertificate({ name: 'old', pem });
    assert.ok('fingerprint' in expired);
    assert.match(
      lines(expired.messages)[0] ?? '',
      /^error certificate: failed to encrypt using an expired certificate/,
    );
  });

  test('has a warning if another one in its file is newer', async () => {
    const newer = await certificateOf(rsa(), {
      notBefore: new Date(Date.now() - DAY / 2),
      validity: 900 * DAY,
    });
    const both = await model.readCertificate({ name: 'both', pem: prod.named.pem + newer });
    assert.ok('fingerprint' in both);
    assert.equal(both.fingerprint, prod.fingerprint);
    assert.equal(both.pem, prod.named.pem);
    assert.match(
      lines(both.messages)[0] ?? '',
      /^warning certificate: both holds several certificates; using the first, /,
    );
    const twice = await model.readCertificate({ name: 'twice', pem: prod.named.pem + prod.named.pem });
    assert.deepEqual('fingerprint' in twice && twice.messages, []);
  });

  test('is refused if it comes with a private key, or is the Secret of one', async () => {
    const key = `-----BEGIN PRIVATE KEY-----\n${'A'.repeat(64)}\n-----END PRIVATE KEY-----\n`;
    const secret = 'kind: Secret\ndata: {tls.crt: QQ==, tls.key: QQ==}\n';
    for (const pem of [key, prod.named.pem + key, key.replace(/-----END.*/, ''), secret]) {
      const refused = await model.readCertificate({ name: 'prod', pem });
      assert.ok('kind' in refused);
      assert.equal(
        refused.message.text,
        "prod holds a private key, not a certificate: seal with the tls.crt of the sealing key's Secret",
      );
    }
  });
});

suite('more than a page can show', () => {
  test('over all certificates and namespaces is an error, and no plan', async () => {
    const namespaces = Array.from({ length: 501 }, (_, index) => `n${index}`);
    const plan = await model.plan(
      form([item('a', 'x')]),
      choices([prod.named, staging.named], { namespaces }),
    );
    assert.deepEqual(plan.targets, []);
    assert.deepEqual(lines(plan.messages), [
      'error items: 1002 objects with 1002 items are too many for a page, which takes 1000 objects and 10000 items: use kubeseal',
    ]);
  });
});

suite('a warning stops nothing', () => {
  test('about an empty value, an unknown field, a placeholder, or items that the type needs', async () => {
    assert.deepEqual(
      await messages(form([item('a', ''), item('b', 'x')], { type: 'kubernetes.io/ssh-auth' })),
      [
        'warning item-value 0: the value of "a" is empty',
        'warning type: the form: a Secret of type kubernetes.io/ssh-auth needs the item ssh-privatekey: the API server refuses it otherwise',
      ],
    );
    const chosen = choices([prod.named]);
    const text =
      'kind: Secret\nmetadata: {name: "{{ name }}", namespace: "{{ ns }}"}\nstringDat: {}\nstringData: {a b: x}\n';
    assert.deepEqual(await messages(secrets(text), chosen), [
      'warning file: the pasted text: ignoring unknown field "stringDat"; did you mean "stringData"?',
      'warning file: the pasted text: metadata.name: "{{ name }}": the API server rejects such a name, and the values unseal only under exactly this name',
      'warning file: the pasted text: invalid item name a b: only letters, digits, "-", "_" and "." are allowed',
      'warning file: the pasted text: metadata.namespace: "{{ ns }}": the API server rejects such a name, and the values unseal only under exactly this name',
    ]);
  });

  test('about a Secret of more than 1 MiB', async () => {
    const [warning, ...others] = await messages(
      form([{ name: 'big', value: new Uint8Array(1024 * 1024 + 1) }]),
    );
    assert.match(
      warning ?? '',
      /^warning items: the form: the Secret would hold 1048577 bytes of data, more than the 1048576/,
    );
    assert.deepEqual(others, []);
  });
});
