import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { after, afterEach, before, beforeEach, suite, test } from 'node:test';
import type { Connection } from '../../../../shared/kubernetes/http/connection.ts';
import { inClusterConnection } from '../../../../shared/kubernetes/auth/in-cluster.ts';
import { connectionFromKubeconfig } from '../../../../shared/kubernetes/auth/load-connection.ts';
import { parseProxy } from '../../../../shared/kubernetes/http/proxy.ts';
import { Reread } from '../../../../shared/kubernetes/auth/reread.ts';
import { Transport } from '../../../../shared/kubernetes/http/transport.ts';
import { Authority } from '../../../support/authority.ts';
import { FakeClock } from '../../../support/fake-clock.ts';
import { HttpProxy } from '../../../support/proxy-server.ts';
import { temporaryFolder } from '../../../support/temporary.ts';

const [first, second, third] = await Promise.all([
  Authority.make('first CA'),
  Authority.make('second CA'),
  Authority.make('third CA'),
]);
const folder = temporaryFolder();
const server = createServer((_, response) => response.end('{}'));
const port = (): number => (server.address() as AddressInfo).port;
const UNTRUSTED = /^cannot reach https:\S+: its TLS certificate is not trusted$/;
let transport: Transport | undefined;

before(() => new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve)));
beforeEach(() => {
  folder.write('token', 'canary');
  present(first);
  mount(first);
});
afterEach(() => transport?.close());
after(() => {
  server.close();
  server.closeAllConnections();
});

/** Replaces the server's certificate by one of this CA. Takes effect for new connections. */
function present(authority: Authority): void {
  const { certificate: cert, key } = authority.server(['localhost']);
  server.setSecureContext({ cert, key });
  transport?.close();
}

/** Writes the CA file that the client reads. */
function mount(authority: Authority): string {
  return folder.write('ca.crt', authority.certificate);
}

async function inCluster(): Promise<Connection> {
  const environment = { KUBERNETES_SERVICE_HOST: '127.0.0.1', KUBERNETES_SERVICE_PORT: String(port()) };
  const connection = await inClusterConnection(environment, new FakeClock(), { dir: folder.path });
  assert.ok(connection);
  return connection;
}

async function fromKubeconfig(user: object): Promise<Connection> {
  const cluster = { server: `https://127.0.0.1:${port()}`, 'certificate-authority': `${folder.path}/ca.crt` };
  const kubeconfig = folder.write(
    'kubeconfig',
    JSON.stringify({
      'current-context': 'a',
      clusters: [{ name: 'c', cluster }],
      contexts: [{ name: 'a', context: { cluster: 'c', user: 'u' } }],
      users: [{ name: 'u', user }],
    }),
  );
  const connection = await connectionFromKubeconfig({ kubeconfig }, process.env, {
    clock: new FakeClock(),
  });
  if ('nothing' in connection) return assert.fail(connection.nothing);
  return connection;
}

const CREDENTIAL = {
  apiVersion: 'client.authentication.k8s.io/v1',
  kind: 'ExecCredential',
  status: { token: 'canary' },
};
const EXEC = {
  apiVersion: CREDENTIAL.apiVersion,
  command: process.execPath,
  args: ['-e', `console.log(${JSON.stringify(JSON.stringify(CREDENTIAL))})`],
  interactiveMode: 'Never',
};

const CONNECTIONS: Record<string, () => Promise<Connection>> = {
  'of the ServiceAccount': inCluster,
  'of a kubeconfig': () => fromKubeconfig({ token: 'canary' }),
  'of a kubeconfig with an exec plugin': () => fromKubeconfig({ exec: EXEC }),
};
const REQUESTS: Record<string, (over: Transport) => Promise<number>> = {
  'a read': async (over) => (await over.request({ method: 'GET', path: '/' })).status,
  'a write': async (over) => (await over.request({ method: 'POST', path: '/', body: '{}' })).status,
  'a watch': async (over) => {
    const { status, body } = await over.stream({ method: 'GET', path: '/', watch: true });
    body.destroy();
    return status;
  },
};

for (const [of, connect] of Object.entries(CONNECTIONS)) {
  suite(`a CA file ${of}`, () => {
    for (const [what, ask] of Object.entries(REQUESTS)) {
      test(`is re-read for ${what} if the server's certificate is not trusted`, async () => {
        transport = new Transport(await connect());
        assert.equal(await ask(transport), 200);
        present(second);
        mount(second);
        assert.equal(await ask(transport), 200);
      });
    }

    test('does not help if it is still the wrong one', async () => {
      transport = new Transport(await connect());
      present(second);
      for (const ask of Object.values(REQUESTS)) await assert.rejects(ask(transport), { message: UNTRUSTED });
      mount(third);
      for (const ask of Object.values(REQUESTS)) await assert.rejects(ask(transport), { message: UNTRUSTED });
    });
  });
}

suite('a CA file', () => {
  /** Counts how often the file is read. */
  function counting(clock: FakeClock): { readonly connection: Connection; reads: number } {
    const counted = { reads: 0 };
    const files = new Reread(async () => {
      counted.reads++;
      return { tls: { ca: await readFile(`${folder.path}/ca.crt`, 'utf8') }, headers: {} };
    }, clock);
    const connection = {
      server: `https://127.0.0.1:${port()}`,
      namespace: undefined,
      access: () => files.access(),
      renewTrust: (refused: Parameters<typeof files.renewTrust>[0]) => files.renewTrust(refused),
    };
    return Object.assign(counted, { connection });
  }

  test('is read once for many failing connections, and once per second while it is unchanged', async () => {
    const clock = new FakeClock();
    const counted = counting(clock);
    const over = (transport = new Transport(counted.connection));
    present(second);
    const fail = (): Promise<void> =>
      assert.rejects(over.request({ method: 'GET', path: '/' }), { message: UNTRUSTED });
    await Promise.all(Array.from({ length: 20 }, fail));
    assert.equal(counted.reads, 2);
    await fail();
    await clock.pass(999);
    await fail();
    assert.equal(counted.reads, 2);
    await clock.pass(1);
    await fail();
    assert.equal(counted.reads, 3);
    mount(second);
    await clock.pass(1000);
    assert.equal((await over.request({ method: 'GET', path: '/' })).status, 200);
    assert.equal(counted.reads, 4);
  });

  test('is not re-read for other failures', async () => {
    const counted = counting(new FakeClock());
    transport = new Transport(counted.connection);
    const { certificate: cert, key } = first.server(['elsewhere.example.test'], false);
    server.setSecureContext({ cert, key });
    await assert.rejects(transport.request({ method: 'GET', path: '/' }), /is for another host$/);
    assert.equal(counted.reads, 1);
  });

  test('is re-read if the certificate of a proxy is not trusted', async () => {
    const proxy = await new HttpProxy(port, second.server(['localhost'])).start();
    try {
      const counted = counting(new FakeClock());
      const { connection } = counted;
      transport = new Transport({
        ...connection,
        proxy: parseProxy(`https://127.0.0.1:${proxy.port}`, 'proxy-url'),
      });
      await transport.connection.access();
      folder.write('ca.crt', first.certificate + second.certificate);
      assert.equal((await transport.request({ method: 'GET', path: '/' })).status, 200);
      assert.equal(counted.reads, 2);
    } finally {
      proxy.stop();
    }
  });
});
