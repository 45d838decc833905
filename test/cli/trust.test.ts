import assert from 'node:assert/strict';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { suite, test } from 'node:test';
import { HttpProxy } from '../support/proxy-server.ts';
import { kubeseal, type Ran } from '../support/run.ts';
import { temporaryFolder } from '../support/temporary.ts';
import { trustCases } from '../support/trust-cases.ts';
import { certificatePem } from '../support/vectors.ts';

const PEM = certificatePem('c2048');
const folder = temporaryFolder();
const { key, cases } = await trustCases();

/** An API server with a controller behind it, as far as `--fetch-cert` asks. */
async function apiServer(chain: string): Promise<{ readonly server: Server; readonly url: string }> {
  const server = createServer({ cert: chain, key }, ({ url = '' }, response) => {
    if (url.endsWith('/cert.pem')) response.end(PEM);
    else
      response.end(
        JSON.stringify({
          kind: 'Service',
          metadata: { name: 'x', namespace: 'y' },
          spec: { ports: [{ name: 'web' }] },
        }),
      );
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { server, url: `https://127.0.0.1:${(server.address() as AddressInfo).port}` };
}

async function fetchCertificate(chain: string, bundle: string, proxied: boolean): Promise<Ran> {
  const { server, url } = await apiServer(chain);
  const proxy = await new HttpProxy(() => (server.address() as AddressInfo).port).start();
  const cluster = {
    server: url,
    'certificate-authority': folder.write('ca.pem', bundle),
    ...(proxied ? { 'proxy-url': `http://127.0.0.1:${proxy.port}` } : {}),
  };
  const config = {
    'current-context': 'a',
    clusters: [{ name: 'c', cluster }],
    contexts: [{ name: 'a', context: { cluster: 'c', user: 'u' } }],
    users: [{ name: 'u', user: { token: 'canary' } }],
  };
  try {
    const KUBECONFIG = folder.write('kubeconfig', JSON.stringify(config));
    const ran = await kubeseal(['--fetch-cert'], { env: { KUBECONFIG } });
    assert.equal(proxy.seen.length > 0, proxied);
    return ran;
  } finally {
    proxy.stop();
    server.close();
    server.closeAllConnections();
  }
}

for (const proxied of [false, true]) {
  suite(`the CA bundle of a kubeconfig${proxied ? ' with a proxy' : ''}`, () => {
    for (const { title, chain, bundle, refusal } of cases) {
      test(`${refusal === undefined ? 'accepts' : 'refuses'} a server by ${title}`, async () => {
        const { code, stdout, stderr } = await fetchCertificate(chain, bundle, proxied);
        if (refusal === undefined) return assert.deepEqual([code, stdout, stderr], [0, PEM, '']);
        assert.match(stderr, new RegExp(`^error: [^\\n]*: ${refusal}\\n$`));
        assert.deepEqual([code, stdout], [1, '']);
      });
    }
  });
}
