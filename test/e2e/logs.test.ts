import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import type { Ref } from '../../shared/kubernetes/api/api.ts';
import { parseCertificate } from '../../shared/crypto/parse-certificate.ts';
import type { Certificate } from '../../shared/crypto/certificate.ts';
import { at } from '../control-plane/admin-client.ts';
import { itemsOf } from '../support/cluster.ts';
import type { ControllerProcess } from '../support/controller-process.ts';
import { keySecret, keySecrets } from '../support/key-secret.ts';
import { NAMESPACE } from '../support/installation.ts';
import { leaks } from '../support/leaks.ts';
import { secretsUsed } from '../support/secrets-used.ts';
import { sealedItem, sealedSecret } from '../support/sealed.ts';
import { Setup } from '../support/setup.ts';

const setup = new Setup();

/** Text that would clear a terminal, set its title, reverse text, end the line and forge the next one. */
const HOSTILE =
  'x"\n\r\u0085\u2028time=2026-01-01T00:00:00.000Z level=ERROR msg=forged\u001b[2J\u001b]0;x\u0007\u009b31m\u202e\u{e0001}\\';

/** Creates SealedSecrets and keys with hostile text in every place that can reach a log line. Returns the key. */
async function makeHostile(certificate: Certificate, namespace: string): Promise<Ref> {
  const { cluster } = setup;
  const bad: Record<string, (name: string) => object> = {
    item: () => ({
      encryptedData: { [HOSTILE]: sealedItem(certificate, { namespace, name: 'x' }, 'no one opens it') },
    }),
    base64: () => ({ encryptedData: { [HOSTILE]: HOSTILE } }),
    literal: (name) => ({
      encryptedData: { a: sealedItem(certificate, { namespace, name }, 'a plaintext') },
      template: { data: { [HOSTILE]: `{{ fail ${JSON.stringify(HOSTILE)} }}` } },
    }),
    type: (name) => ({
      encryptedData: { a: sealedItem(certificate, { namespace, name }, 'a plaintext') },
      template: { type: HOSTILE, metadata: { labels: { [HOSTILE]: HOSTILE } } },
    }),
    label: () => ({ encryptedData: {}, template: { metadata: { labels: { [HOSTILE]: { [HOSTILE]: 1 } } } } }),
  };
  for (const [name, spec] of Object.entries(bad)) {
    const ref = { namespace, name };
    const { metadata, ...rest } = sealedSecret(certificate, ref, {});
    const annotations = { 'a/b': HOSTILE, 'sealedsecrets.bitnami.com/sealing-key': HOSTILE };
    await cluster.create('sealedsecrets', {
      ...rest,
      metadata: { ...metadata, annotations },
      spec: spec(name),
    });
    await cluster.told(ref, 'False');
  }
  const key = { namespace: NAMESPACE, name: `sealed-secrets-key-${namespace}` };
  await cluster.create('secrets', keySecret(key.name, { 'tls.key': HOSTILE, 'tls.crt': HOSTILE }));
  return key;
}

const VALUE = String.raw`(?:"(?:[^"\\]|\\.)*"|[^\s"=\\]+)`;
const TEXT_LINE = new RegExp(
  String.raw`^time=\S+Z level=(INFO|WARN|ERROR) msg=${VALUE}(?: [a-zA-Z]+=${VALUE})*$`,
);

/** Returns the level of a log line. Throws if the line does not have the format. */
const LEVEL: Record<'text' | 'json', (line: string) => unknown> = {
  text: (line) => {
    const [, level] = TEXT_LINE.exec(line) ?? assert.fail(`no line of the log: ${JSON.stringify(line)}`);
    return level;
  },
  json: (line) => {
    assert.match(line, /^\{"time":"[^"]+Z","level":"[A-Z]+","msg":"/);
    const fields: unknown = JSON.parse(line);
    assert.notEqual(at(fields, 'msg'), 'forged');
    return at(fields, 'level');
  },
};

async function certificateIn(controller: ControllerProcess): Promise<Certificate> {
  await controller.logged('sealing keys loaded');
  const keys = await keySecrets(setup.cluster);
  const pem = keys.map((key) => itemsOf(key)['tls.crt'] ?? '').find((text) => text.startsWith('-----'));
  return parseCertificate(pem ?? '', 'the sealing key');
}

suite('the log of a controller among hostile objects', () => {
  for (const format of ['text', 'json'] as const) {
    test(`has whole lines of visible characters alone, as ${format}`, async () => {
      const controller = await setup.use(setup.installation.startController(['--log-format', format]));
      const certificate = await certificateIn(controller);
      const key = await makeHostile(certificate, await setup.plane.createNamespace('hostile'));
      await controller.logged('skipping invalid sealing key');
      assert.equal(await controller.stop(), 0);
      await setup.cluster.delete('secrets', key);
      const { output } = controller;
      assert.doesNotMatch(output, /(?!\n)[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u);
      assert.ok(output.endsWith('\n'));
      const levels = output.trimEnd().split('\n').map(LEVEL[format]);
      // The five SealedSecrets and the key; no line is forged.
      assert.equal(levels.filter((level) => level === 'ERROR').length, 6);
      assert.match(output, /forged/);
    });
  }
});

suite('the search for secrets at the end of each file of tests', () => {
  test('knows of plaintexts, private keys and tokens', async () => {
    const controller = await setup.use(setup.installation.startReadyController());
    await controller.metrics();
    const used = secretsUsed();
    assert.ok(used.includes('a plaintext') && used.includes('no one opens it'));
    // The search covers the log and the metrics.
    assert.equal(leaks(new Map([['it', controller.shown]]), ['sealing keys loaded', '# TYPE']).length, 2);
  });
});
