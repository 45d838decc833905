import assert from 'node:assert/strict';
import { createServer } from 'node:https';
import { syncBuiltinESMExports } from 'node:module';
import type { AddressInfo } from 'node:net';
import { suite, test, type TestContext } from 'node:test';
import tls from 'node:tls';
import { poolsFor } from '../../../../shared/kubernetes/http/agent.ts';
import { Transport } from '../../../../shared/kubernetes/http/transport.ts';
import { trustCases } from '../../../support/trust-cases.ts';

const { key, cases } = await trustCases();
const trusted = cases.find(({ refusal }) => refusal === undefined) ?? assert.fail();
const ca = trusted.bundle;

/** Starts a server that answers once `requests` requests are waiting, each on a connection of its own. */
async function startServer(t: TestContext, requests: number): Promise<number> {
  const waiting: (() => void)[] = [];
  const server = createServer({ key, cert: trusted.chain }, (_, response) => {
    waiting.push(() => response.end('{}'));
    if (waiting.length === requests) for (const answer of waiting.splice(0)) answer();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => server.close());
  return (server.address() as AddressInfo).port;
}

suite('the connections of a pool', () => {
  test('share one TLS context', async (t) => {
    const port = await startServer(t, 3);
    const contexts = t.mock.method(tls, 'createSecureContext');
    syncBuiltinESMExports();
    const access = { tls: { ca }, headers: {} };
    const transport = new Transport({
      server: `https://127.0.0.1:${port}`,
      namespace: undefined,
      access: () => Promise.resolve(access),
    });
    t.after(() => transport.close());
    const ask = (): Promise<unknown> => transport.request({ method: 'GET', path: '/' });
    await Promise.all([ask(), ask(), ask()]);
    assert.equal(contexts.mock.callCount(), 1);
    contexts.mock.restore();
    syncBuiltinESMExports();
  });

  test('are found without hashing the CA certificates for each request', () => {
    const { requests } = poolsFor({ secure: true, tls: { ca }, proxy: undefined });
    const options = { host: '127.0.0.1', port: 6443, ca };
    assert.equal(requests.getName(options), '127.0.0.1:6443');
  });
});
