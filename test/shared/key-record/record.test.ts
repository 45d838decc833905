import assert from 'node:assert/strict';
import { before, suite, test } from 'node:test';
import { RENEW_REQUESTED_AT } from '../../../shared/api/annotations.ts';
import { parseConfigMap, type ConfigMap } from '../../../shared/api/config-map.ts';
import { parseCertificate } from '../../../shared/crypto/parse-certificate.ts';
import type { Certificate } from '../../../shared/crypto/certificate.ts';
import type { Fingerprint } from '../../../shared/crypto/fingerprint.ts';
import { makeKeyPair } from '../../../shared/crypto/key-pair.ts';
import { MAX_BACKUPS } from '../../../shared/key-record/backups.ts';
import { MAX_KEYS_BYTES, MAX_RECORDED_KEYS } from '../../../shared/key-record/keys.ts';
import {
  backupItems,
  backupsPatch,
  keyItems,
  readKeyRecord,
  renewalPatch,
  type KeyRecord,
  type RecordedKey,
} from '../../../shared/key-record/record.ts';

const AT = new Date('2026-01-02T03:04:05Z');
let certificate: Certificate;
let other: Certificate;

async function make(commonName: string): Promise<Certificate> {
  const pair = await makeKeyPair({ bits: 2048, commonName, validity: 3_600_000, notBefore: AT });
  return parseCertificate(pair.certificate, 'test');
}

before(async () => {
  certificate = await make('one');
  other = await make('two');
});

function key(fields: Partial<RecordedKey> = {}): RecordedKey {
  const { fingerprint } = certificate;
  return { name: 'k', fingerprint, created: AT, state: 'newest', objects: 3, certificate, ...fields };
}

/** A ConfigMap as the API server returns it. */
function configMap(data: object, annotations: object = {}): ConfigMap {
  const metadata = {
    name: 'sealed-secrets-keys',
    namespace: 'kube-system',
    uid: 'u',
    resourceVersion: '7',
    annotations,
  };
  return parseConfigMap({ metadata, data }, { source: 'test' });
}

/** The problems of a record, as texts. */
function problemsOf({ problems }: KeyRecord): string[] {
  return problems.map((problem) => problem.describe());
}

/** The only problem of a list of keys that has been changed. Its other parts have to be as good as before. */
function problemOfKeys(change: (entry: Record<string, unknown>) => unknown): string {
  const items = keyItems([key()]);
  const list = JSON.parse(items['keys.json'] ?? '') as { keys: Record<string, unknown>[] };
  const keys = list.keys.map(change);
  const record = readKeyRecord(configMap({ ...items, 'keys.json': JSON.stringify({ ...list, keys }) }));
  assert.equal(record.keys, undefined);
  assert.equal(record.certificate?.fingerprint, certificate.fingerprint);
  const [problem = '', ...rest] = problemsOf(record);
  assert.deepEqual(rest, []);
  return problem.replace('ConfigMap kube-system/sealed-secrets-keys: keys.json: ', '');
}

suite('the key record', () => {
  test('reads what was written', () => {
    const keys = [
      key(),
      key({ name: 'r', fingerprint: other.fingerprint, certificate: other, state: 'retired', objects: 0 }),
      key({ name: 'bare', state: 'active', created: undefined, objects: undefined, certificate: undefined }),
    ];
    const backups = new Map([[certificate.fingerprint, AT]]);
    const { metadata } = renewalPatch(AT) as { metadata: { annotations: object } };
    const data = { ...keyItems(keys), ...backupItems(backups) };
    const record = readKeyRecord(configMap(data, metadata.annotations));
    assert.deepEqual(problemsOf(record), []);
    assert.equal(record.certificate?.pem, certificate.pem);
    assert.deepEqual(record.keys?.omitted, 0);
    const bare = (each: RecordedKey): object => ({ ...each, certificate: each.certificate?.pem });
    assert.deepEqual(record.keys.keys.map(bare), keys.map(bare));
    assert.deepEqual(record.backups, backups);
    assert.deepEqual(record.renewRequestedAt, AT);
  });

  test('has the form that other programs read', () => {
    const { pem, fingerprint } = certificate;
    const items = keyItems([key()]);
    assert.equal(items['cert.pem'], pem);
    assert.deepEqual(JSON.parse(items['keys.json'] ?? ''), {
      version: 1,
      keys: [
        {
          name: 'k',
          fingerprint,
          created: '2026-01-02T03:04:05Z',
          notBefore: '2026-01-02T03:04:05Z',
          notAfter: '2026-01-02T04:04:05Z',
          state: 'newest',
          objects: 3,
          certificate: pem,
        },
      ],
    });
    assert.deepEqual(backupsPatch(new Map([[fingerprint, AT]]), configMap({})), {
      metadata: { resourceVersion: '7' },
      data: {
        'backups.json': `{"version":1,"keys":{"${fingerprint}":{"verified":"2026-01-02T03:04:05Z"}}}\n`,
      },
    });
    assert.deepEqual(renewalPatch(AT), {
      metadata: { annotations: { [RENEW_REQUESTED_AT]: '2026-01-02T03:04:05Z' } },
    });
  });

  test('has no certificate if no key seals, and that is no problem', () => {
    const record = readKeyRecord(configMap(keyItems([key({ state: 'retired' })])));
    assert.equal(record.certificate, undefined);
    assert.deepEqual(record.problems, []);
  });

  test('may be empty', () => {
    const record = readKeyRecord(configMap({}));
    assert.deepEqual(record, {
      certificate: undefined,
      keys: undefined,
      backups: undefined,
      renewRequestedAt: undefined,
      problems: [],
    });
  });

  test('lists 60 keys of 4096 bits well below the limit of a ConfigMap', () => {
    // A certificate of 4096 bits has some 1,800 bytes in PEM.
    const pem = certificate.pem.padEnd(1_900, 'x');
    const { 'keys.json': list = '' } = keyItems(
      Array(60).fill(key({ certificate: { ...certificate, pem } })),
    );
    assert.equal((JSON.parse(list) as { keys: object[] }).keys.length, 60);
    assert.ok(list.length < 200_000, `${list.length} bytes`);
  });

  test('lists the newest keys that it has room for, and counts the rest', () => {
    const many = Array.from({ length: MAX_RECORDED_KEYS + 5 }, (_, index) => key({ name: `k-${index}` }));
    const active = many.map((each) => ({ ...each, state: 'active' as const }));
    const byCount = readKeyRecord(configMap(keyItems(active))).keys;
    assert.equal(byCount?.keys.length, MAX_RECORDED_KEYS);
    assert.equal(byCount.keys[0]?.name, 'k-0');
    assert.equal(byCount.omitted, 5);

    const large = { ...certificate, pem: `${certificate.pem}${'\n'.repeat(10_000)}` };
    const { 'keys.json': list = '' } = keyItems(active.map((each) => ({ ...each, certificate: large })));
    assert.ok(Buffer.byteLength(list) <= MAX_KEYS_BYTES);
    const byBytes = readKeyRecord(configMap({ 'keys.json': list })).keys;
    assert.ok(byBytes && byBytes.keys.length > 30);
    assert.equal(byBytes.keys.length + byBytes.omitted, active.length);
  });

  test('leaves out a certificate that is too large', () => {
    const pem = certificate.pem.padEnd(20_000, '\n');
    const record = readKeyRecord(configMap(keyItems([key({ certificate: { ...certificate, pem } })])));
    assert.deepEqual(record.problems, []);
    assert.equal(record.certificate, undefined);
    assert.equal(record.keys?.keys[0]?.certificate, undefined);
  });

  test('keeps the newest backups that it has room for', () => {
    const fingerprintOf = (index: number): Fingerprint => `SHA256:${String(index).padStart(43, '0')}`;
    const all = Array.from({ length: MAX_BACKUPS + 5 }, (_, index): [Fingerprint, Date] => [
      fingerprintOf(index),
      new Date(AT.getTime() + index * 1000),
    ]);
    const { backups } = readKeyRecord(configMap(backupItems(new Map(all))));
    assert.equal(backups?.size, MAX_BACKUPS);
    assert.ok(backups.has(fingerprintOf(MAX_BACKUPS + 4)));
    assert.ok(!backups.has(fingerprintOf(4)));
  });
});

suite('a part of the key record that is broken', () => {
  test('counts as absent, and is said in one line; the other parts count', () => {
    const data = {
      ...keyItems([key()]),
      'cert.pem': 'hunter2\n',
      'backups.json': '{"version":1,"keys":{"hunter2":{"verified":"x"}}}',
    };
    const record = readKeyRecord(configMap(data, { [RENEW_REQUESTED_AT]: 'hunter2' }));
    assert.equal(record.keys?.keys.length, 1);
    assert.equal(record.certificate, undefined);
    assert.equal(record.backups, undefined);
    assert.equal(record.renewRequestedAt, undefined);
    const source = 'ConfigMap kube-system/sealed-secrets-keys';
    const problems = problemsOf(record);
    assert.equal(problems.length, 3);
    assert.match(problems[0] ?? '', /^ConfigMap kube-system\/sealed-secrets-keys: cert\.pem/);
    assert.equal(problems[1], `${source}: backups.json: keys is not a map by fingerprint`);
    assert.equal(
      problems[2],
      `${source}: metadata.annotations["${RENEW_REQUESTED_AT}"] is not a time (RFC 3339)`,
    );
    for (const problem of problems) assert.ok(!problem.includes('\n'), problem);
  });

  for (const [what, text, problem] of [
    ['no JSON', '{', /is not JSON$/],
    ['no object', '[]', /is a list, not an object$/],
    ['of another version', '{"version":2}', /version is not 1$/],
    ['too long', `{"version":1,"keys":[],"x":"${'x'.repeat(2 ** 20)}"}`, /is larger than 768 KiB$/],
    ['too deep', '['.repeat(100_000), /is not JSON$/],
    ['of too many keys', JSON.stringify({ version: 1, keys: Array(201).fill({}) }), /more than 200 keys$/],
    ['with a negative count', '{"version":1,"omitted":-1}', /omitted is not a count$/],
  ] as const) {
    test(`is a list of keys that is ${what}`, () => {
      const record = readKeyRecord(configMap({ 'keys.json': text }));
      assert.equal(record.keys, undefined);
      assert.match(problemsOf(record).join('\n'), problem);
    });
  }

  test('is a list of too many backups', () => {
    const keys = Object.fromEntries(Array.from({ length: 1_001 }, (_, index) => [String(index), {}]));
    const record = readKeyRecord(configMap({ 'backups.json': JSON.stringify({ version: 1, keys }) }));
    assert.equal(record.backups, undefined);
    assert.match(problemsOf(record).join('\n'), /more than 1,000 keys$/);
  });

  test('is a key with a wrong field', () => {
    const cases: readonly [object, RegExp][] = [
      [{ name: '../x' }, /keys\[0\]\.name is not the name of a Secret$/],
      [{ name: undefined }, /keys\[0\]\.name is missing$/],
      [{ fingerprint: 'x' }, /keys\[0\]\.fingerprint is not a fingerprint$/],
      [{ created: 'yesterday' }, /keys\[0\]\.created is not a time/],
      [{ created: '2026-13-01T00:00:00Z' }, /keys\[0\]\.created is not a time/],
      [{ state: 'constructor' }, /keys\[0\]\.state is not newest or active/],
      [{ objects: 1.5 }, /keys\[0\]\.objects is a number, not an integer$/],
      [{ objects: -1 }, /keys\[0\]\.objects is not a count$/],
      [{ certificate: 'x' }, /certificate/],
      [{ certificate: 'x'.repeat(20_000) }, /at most 16 KiB$/],
      [{ certificate: other.pem }, /is the certificate of another key$/],
    ];
    for (const [fields, problem] of cases) {
      assert.match(
        problemOfKeys((entry) => ({ ...entry, ...fields })),
        problem,
      );
    }
    assert.match(
      problemOfKeys(() => null),
      /keys\[0\]/,
    );
  });

  test('is a list with two newest keys', () => {
    const record = readKeyRecord(configMap(keyItems([key(), key({ name: 'other' })])));
    assert.match(problemsOf(record).join('\n'), /more than one newest key$/);
  });
});
