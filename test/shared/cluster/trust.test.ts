import assert from 'node:assert/strict';
import { after, before, suite, test } from 'node:test';
import { parseProxy } from '../../../shared/cluster/proxy.ts';
import { Transport } from '../../../shared/cluster/transport.ts';
import { Authority } from '../../support/authority.ts';
import { ObservingServer } from '../../support/observing-server.ts';
import { HttpProxy } from '../../support/proxy-server.ts';
import { trustCases, type TrustCase } from '../../support/trust-cases.ts';

const clients = await Authority.make();
const { key, cases } = await trustCases();

/** Asks a server with these certificates, directly or through a proxy. Returns the answer's status. */
async function ask({ chain, bundle }: TrustCase, proxied: boolean): Promise<number> {
  const server = await new ObservingServer(clients, { certificate: chain, key }).start();
  const proxy = await new HttpProxy(() => server.port).start();
  const transport = new Transport({
    server: server.url,
    namespace: undefined,
    access: () => Promise.resolve({ tls: { ca: bundle }, headers: {} }),
    ...(proxied ? { proxy: parseProxy(`http://127.0.0.1:${proxy.port}`, 'proxy-url') } : {}),
  });
  try {
    return (await transport.request({ method: 'GET', path: '/' })).status;
  } finally {
    transport.close();
    proxy.stop();
    server.stop();
  }
}

for (const proxied of [false, true]) {
  suite(`a CA bundle ${proxied ? 'behind a proxy' : 'of a server'}`, () => {
    for (const each of cases) {
      const { title, refusal } = each;
      test(`${refusal === undefined ? 'accepts' : 'refuses'} a server by ${title}`, async () => {
        if (refusal === undefined) assert.equal(await ask(each, proxied), 200);
        else
          await assert.rejects(ask(each, proxied), {
            message: new RegExp(`^cannot reach \\S+: ${refusal}$`),
          });
      });
    }
  });
}

suite('a CA bundle of a proxy that is spoken to by TLS', () => {
  const [lone] = cases.filter(({ title }) => title.endsWith('signed by itself'));
  const server = new ObservingServer(clients, clients.server(['api.example.test']));
  before(() => server.start());
  after(() => server.stop());

  test('accepts the certificate of the proxy itself', async () => {
    assert.ok(lone);
    const proxy = await new HttpProxy(() => server.port, { certificate: lone.chain, key }).start();
    const connect = (ca: string): Transport =>
      new Transport({
        server: server.url,
        namespace: undefined,
        proxy: parseProxy(`https://127.0.0.1:${proxy.port}`, 'proxy-url'),
        access: () => Promise.resolve({ tls: { ca }, headers: {} }),
      });
    const trusting = connect(clients.certificate + lone.bundle);
    const doubting = connect(clients.certificate);
    try {
      assert.equal((await trusting.request({ method: 'GET', path: '/' })).status, 200);
      await assert.rejects(
        doubting.request({ method: 'GET', path: '/' }),
        /the proxy .*: its TLS certificate is not trusted$/,
      );
    } finally {
      trusting.close();
      doubting.close();
      proxy.stop();
    }
  });
});
