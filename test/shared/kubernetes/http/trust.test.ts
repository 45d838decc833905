import assert from 'node:assert/strict';
import { after, before, suite, test } from 'node:test';
import { systemClock } from '../../../../shared/clock.ts';
import type { Connection } from '../../../../shared/kubernetes/http/connection.ts';
import { inClusterConnection } from '../../../../shared/kubernetes/auth/in-cluster.ts';
import { parseProxy } from '../../../../shared/kubernetes/http/proxy.ts';
import { Transport } from '../../../../shared/kubernetes/http/transport.ts';
import { Authority } from '../../../support/authority.ts';
import { ObservingServer } from '../../../support/observing-server.ts';
import { HttpProxy } from '../../../support/proxy-server.ts';
import { temporaryFolder } from '../../../support/temporary.ts';
import { trustCases, type TrustCase } from '../../../support/trust-cases.ts';

const clients = await Authority.make();
const { key, cases } = await trustCases();

const folder = temporaryFolder();

/** Sends a request to a server with these certificates, over a connection to its port. Returns the status. */
async function ask(
  { chain }: TrustCase,
  connect: (port: number) => Promise<Connection | null>,
): Promise<number> {
  const server = await new ObservingServer(clients, { certificate: chain, key }).start();
  const connection = await connect(server.port);
  assert.ok(connection);
  const transport = new Transport(connection);
  try {
    return (await transport.request({ method: 'GET', path: '/' })).status;
  } finally {
    transport.close();
    server.stop();
  }
}

function connection(port: number, ca: string): Connection {
  const access = { tls: { ca }, headers: {} };
  return { server: `https://127.0.0.1:${port}`, namespace: undefined, access: () => Promise.resolve(access) };
}

async function throughProxy(each: TrustCase): Promise<number> {
  let target = 0;
  const proxy = await new HttpProxy(() => target).start();
  try {
    return await ask(each, (port) => {
      target = port;
      const url = `http://127.0.0.1:${proxy.port}`;
      return Promise.resolve({ ...connection(port, each.bundle), proxy: parseProxy(url, 'proxy-url') });
    });
  } finally {
    proxy.stop();
  }
}

/** Sends a request as the controller does, with the bundle as its pod's `ca.crt`. */
function fromPod(each: TrustCase): Promise<number> {
  folder.write('token', 'canary');
  folder.write('ca.crt', each.bundle);
  return ask(each, (port) => {
    const environment = { KUBERNETES_SERVICE_HOST: '127.0.0.1', KUBERNETES_SERVICE_PORT: String(port) };
    return inClusterConnection(environment, systemClock, { dir: folder.path });
  });
}

const WAYS: Record<string, (each: TrustCase) => Promise<number>> = {
  'of a server': (each) => ask(each, (port) => Promise.resolve(connection(port, each.bundle))),
  'behind a proxy': throughProxy,
  'of a ServiceAccount': fromPod,
};

for (const [of, askSo] of Object.entries(WAYS)) {
  suite(`a CA bundle ${of}`, () => {
    for (const each of cases) {
      const { title, refusal } = each;
      test(`${refusal === undefined ? 'accepts' : 'refuses'} a server by ${title}`, async () => {
        if (refusal === undefined) return assert.equal(await askSo(each), 200);
        const message = new RegExp(`^cannot reach \\S+: ${refusal}$`);
        await assert.rejects(askSo(each), { message });
      });
    }
  });
}

suite('a CA bundle for an https proxy', () => {
  const [lone] = cases.filter(({ title }) => title.endsWith('signed by itself'));
  const server = new ObservingServer(clients, clients.server(['api.example.test']));
  before(() => server.start());
  after(() => server.stop());

  test("accepts the proxy's own certificate, even if the system trusts it", async () => {
    assert.ok(lone);
    const proxy = await new HttpProxy(() => server.port, { certificate: lone.chain, key }).start();
    const connect = (ca: string, roots?: string): Transport =>
      new Transport({
        ...connection(server.port, ca),
        proxy: parseProxy(`https://127.0.0.1:${proxy.port}`, 'proxy-url'),
        roots: () => roots,
      });
    const trusting = connect(clients.certificate + lone.bundle);
    const trustingSystem = connect(clients.certificate, lone.bundle);
    const doubting = connect(clients.certificate);
    try {
      for (const each of [trusting, trustingSystem]) {
        assert.equal((await each.request({ method: 'GET', path: '/' })).status, 200);
      }
      await assert.rejects(
        doubting.request({ method: 'GET', path: '/' }),
        /the proxy .*: its TLS certificate is not trusted$/,
      );
    } finally {
      trusting.close();
      trustingSystem.close();
      doubting.close();
      proxy.stop();
    }
  });
});
