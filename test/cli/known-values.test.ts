import assert from 'node:assert/strict';
import { beforeEach, suite, test } from 'node:test';
import { utf8Text } from '../../shared/bytes.ts';
import { knownValuesFor, type KnownValues } from '../../cli/known-values/known-values.ts';
import { knownValueOptions } from '../../cli/flags/options.ts';
import type { CliContext } from '../../cli/context.ts';
import { parseSealedSecret } from '../../shared/api/sealed-secret.ts';
import { systemClock } from '../../shared/clock.ts';
import { parseCertificate } from '../../shared/crypto/parse-certificate.ts';
import { sealedItem, sealedSecret, type SealedBody } from '../support/sealed.ts';
import { temporaryFolder } from '../support/temporary.ts';
import { certificatePem, keyPem } from '../support/vectors.ts';
import { FakeServer, json } from './fake-api-server.ts';
import { parsedFlags } from './in-process.ts';

const CANARY = 'hunter2-canary';
const folder = temporaryFolder();
const key = folder.write('key.pem', keyPem('c2048'));
const certificate = parseCertificate(certificatePem('c2048'), 'c2048');
const other = parseCertificate(certificatePem('a4096'), 'a4096');
const REF = { namespace: 'prod', name: 'db' };
const PLACE = { source: 'db.yaml' };
const FILE = sealedSecret(certificate, REF, { password: CANARY, user: 'bob' });

const server = new FakeServer(CANARY);
beforeEach(() => server.forget());

/** Returns what the flags tell; a context of the kubeconfig leads to the fake API server. */
async function known(...args: readonly string[]): Promise<KnownValues> {
  const kubeconfig = folder.write(
    'kubeconfig',
    JSON.stringify({
      'current-context': 'a',
      clusters: [{ name: 'c', cluster: { server: server.url } }],
      contexts: [{ name: 'a', context: { cluster: 'c', user: 'u', namespace: 'prod' } }],
      users: [{ name: 'u', user: { token: 'x' } }],
    }),
  );
  const context: CliContext = { environment: {}, clock: systemClock, warn: () => undefined };
  const options = knownValueOptions(parsedFlags([...args, '--kubeconfig', kubeconfig]));
  const values = await knownValuesFor(options, context);
  if (values === undefined) throw new Error('the flags tell no values');
  return values;
}

/** Returns the values of a SealedSecret as text. */
async function valuesIn(values: KnownValues, object: object): Promise<Record<string, string>> {
  try {
    const found = await values.valuesOf(parseSealedSecret(object, PLACE), PLACE);
    return Object.fromEntries([...found].map(([item, value]) => [item, utf8Text(value)]));
  } finally {
    values.close();
  }
}

/** Returns why the value of an item is not known. */
async function reason(values: KnownValues, object: object, item: string): Promise<string> {
  return (await values.whyUnknown(parseSealedSecret(object, PLACE), item, PLACE)).describe();
}

function withItems(items: Readonly<Record<string, string>>, template: object = {}): SealedBody {
  return { ...FILE, spec: { encryptedData: { ...FILE.spec.encryptedData, ...items }, template } };
}

suite('the values of a private key', () => {
  test('are those of each item that the key opens', async () => {
    const foreign = sealedItem(other, REF, 'x');
    const many = Object.fromEntries(Array.from({ length: 12 }, (_, i) => [`a${i}`, foreign]));
    const mixed = { ...FILE, spec: { encryptedData: { ...many, ...FILE.spec.encryptedData } } };
    const values = await known('--recovery-private-key', key);
    assert.deepEqual(await valuesIn(values, mixed), { password: CANARY, user: 'bob' });
    assert.match(await reason(values, mixed, 'a3'), /^no key could decrypt secret \(a3\): .*\[db\.yaml\]$/);
  });
});

suite('the values of a Secret in the cluster', () => {
  const SECRET_PATH = '/api/v1/namespaces/prod/secrets/db';
  const SEALED_PATH = '/apis/bitnami.com/v1alpha1/namespaces/prod/sealedsecrets/db';
  const owner = {
    apiVersion: 'bitnami.com/v1alpha1',
    kind: 'SealedSecret',
    name: 'db',
    uid: 'u1',
    controller: true,
  };
  const base64 = (text: string): string => Buffer.from(text).toString('base64');
  const DATA = { password: base64(CANARY), user: base64('bob') };
  const SYNCED = { observedGeneration: 3, conditions: [{ type: 'Synced', status: 'True' }] };

  function secretIs(data: object, metadata: object = { ownerReferences: [owner] }): void {
    const own = { name: 'db', namespace: 'prod', uid: 'u2', resourceVersion: '1', ...metadata };
    server.answers.set(SECRET_PATH, json(200, { kind: 'Secret', metadata: own, data }));
  }
  function sealedIs(object: SealedBody, status: object = SYNCED): void {
    const metadata = { ...object.metadata, uid: 'u1', resourceVersion: '1', generation: 3 };
    server.answers.set(SEALED_PATH, json(200, { ...object, metadata, status }));
  }

  test('are those of the ciphertexts that the cluster has applied', async () => {
    secretIs(DATA);
    sealedIs(FILE);
    assert.deepEqual(await valuesIn(await known('--from-cluster'), FILE), { password: CANARY, user: 'bob' });
    const lines = server.requests.map(({ line }) => line);
    assert.deepEqual(lines, [`GET ${SECRET_PATH}`, `GET ${SEALED_PATH}`]);
    // A file without a namespace belongs to that of the context.
    const { namespace, ...metadata } = FILE.metadata;
    assert.equal(namespace, 'prod');
    const bare = { ...FILE, metadata };
    assert.deepEqual(Object.keys(await valuesIn(await known('--from-cluster'), bare)), ['password', 'user']);
  });

  test('need no owner reference if the Secret has all items', async () => {
    secretIs(DATA, {});
    sealedIs(FILE);
    assert.deepEqual(Object.keys(await valuesIn(await known('--from-cluster'), FILE)), ['password', 'user']);
    secretIs({ user: DATA.user }, {});
    await assert.rejects(valuesIn(await known('--from-cluster'), FILE), {
      message:
        '--from-cluster: the Secret prod/db in the cluster does not belong to the SealedSecret and lacks its items',
    });
  });

  const unknown: [string, string, () => object][] = [
    [
      'has another ciphertext',
      'the SealedSecret in the cluster has another ciphertext for it',
      () => {
        secretIs(DATA);
        sealedIs(withItems({ password: sealedItem(certificate, REF, 'old') }));
        return FILE;
      },
    ],
    [
      'is not applied yet',
      'the controller has not applied the SealedSecret in the cluster',
      () => {
        secretIs(DATA);
        sealedIs(FILE, { ...SYNCED, observedGeneration: 2 });
        return FILE;
      },
    ],
    [
      'failed',
      'the controller has not applied the SealedSecret in the cluster',
      () => {
        secretIs(DATA);
        sealedIs(FILE, { ...SYNCED, conditions: [{ type: 'Synced', status: 'False' }] });
        return FILE;
      },
    ],
    [
      'has a template',
      'spec.template.data has an entry of this name',
      () => {
        const object = withItems({}, { data: { password: null } });
        secretIs({ password: base64('rendered'), user: DATA.user });
        sealedIs(object);
        return object;
      },
    ],
    [
      'is gone from the Secret',
      'the Secret in the cluster does not have it',
      () => {
        secretIs({ user: DATA.user });
        sealedIs(FILE);
        return FILE;
      },
    ],
  ];
  for (const [what, words, prepare] of unknown) {
    test(`do not have an item that ${what}`, async () => {
      const object = prepare();
      const values = await known('--from-cluster');
      assert.equal((await valuesIn(values, object))['password'], undefined);
      assert.equal(
        await reason(values, object, 'password'),
        `db.yaml: --from-cluster does not tell the value of "password": ${words}`,
      );
    });
  }

  test('are refused for what is not in the cluster, and for what the user may not read', async () => {
    const refusal = async (): Promise<string> => {
      const problem: unknown = await valuesIn(await known('--from-cluster'), FILE).catch((e: unknown) => e);
      return problem instanceof Error ? problem.message : 'none';
    };
    const hint = 'apply the file, or use --recovery-private-key';
    assert.equal(await refusal(), `--from-cluster: the cluster has no Secret prod/db: ${hint}`);
    secretIs(DATA);
    assert.equal(await refusal(), `--from-cluster: the cluster has no SealedSecret prod/db: ${hint}`);
    server.answers.set(SECRET_PATH, json(403, { kind: 'Status', reason: 'Forbidden', message: CANARY }));
    assert.equal(
      await refusal(),
      '--from-cluster: cannot read the Secret prod/db: 403 Forbidden; ' +
        'you need the right to get secrets and sealedsecrets in this namespace',
    );
    server.answers.set(SECRET_PATH, json(500, { kind: 'Status', reason: 'InternalError', message: CANARY }));
    assert.equal(await refusal(), '--from-cluster: cannot read the Secret prod/db: 500 InternalError');
  });
});

suite('the flags for values', () => {
  test('exclude each other, unless one comes from the environment', async () => {
    await assert.rejects(known('--from-cluster', '--recovery-private-key', key), {
      message: '--recovery-private-key and --from-cluster cannot be used together',
    });
    const keys = { SEALED_SECRETS_RECOVERY_PRIVATE_KEY: key };
    const cluster = { SEALED_SECRETS_FROM_CLUSTER: 'true' };
    const read = (args: readonly string[], environment: NodeJS.ProcessEnv): unknown => {
      const { recoveryPrivateKeys, fromCluster } = knownValueOptions(parsedFlags(args, environment));
      return [recoveryPrivateKeys, fromCluster];
    };
    assert.deepEqual(read(['--from-cluster'], keys), [[], true]);
    assert.deepEqual(read(['--from-cluster=false'], keys), [[key], false]);
    assert.deepEqual(read(['--private-key', key], cluster), [[key], false]);
  });
});
