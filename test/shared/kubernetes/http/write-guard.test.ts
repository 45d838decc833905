import assert from 'node:assert/strict';
import { createServer, type RequestListener } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { suite, test, type TestContext } from 'node:test';
import type { Access, Connection } from '../../../../shared/kubernetes/http/connection.ts';
import { Transport, type Request } from '../../../../shared/kubernetes/http/transport.ts';
import { NotLeader } from '../../../../shared/kubernetes/http/write-guard.ts';
import { LimitedTransport } from '../../../../controller/workqueue/limited-transport.ts';
import { TokenBucket } from '../../../../controller/workqueue/token-bucket.ts';
import { FakeClock } from '../../../support/fake-clock.ts';
import { trustCases } from '../../../support/trust-cases.ts';
import { until } from '../../../control-plane/until.ts';

const POST = { method: 'POST', path: '/', body: '{}' } as const;
/** The number of connections of a pool. */
const CONNECTIONS = 64;

/** A server that records the methods of requests, and a guard that lets the client write until `expire` is called. */
class Rig {
  readonly seen: string[] = [];
  answer: RequestListener = (_, response) => response.end('{}');
  remaining = 60_000;
  /** How many times the client has asked the guard. */
  asked = 0;
  /** Called with each question to the guard. */
  onAsked: (count: number) => void = () => undefined;
  readonly listener: RequestListener = (request, response) => {
    this.seen.push(request.method ?? '');
    this.answer(request, response);
  };

  async connection(t: TestContext, more: Partial<Connection> = {}): Promise<Connection> {
    const server = createServer(this.listener);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    t.after(() => {
      server.closeAllConnections();
      server.close();
    });
    const { port } = server.address() as AddressInfo;
    return this.guarded({ server: `http://127.0.0.1:${port}`, ...more });
  }

  guarded(connection: Pick<Connection, 'server'> & Partial<Connection>): Connection {
    const access: Access = { tls: {}, headers: {} };
    return {
      namespace: undefined,
      access: () => Promise.resolve(access),
      writeGuard: {
        remaining: () => {
          this.onAsked(++this.asked);
          return this.remaining;
        },
      },
      ...connection,
    };
  }
}

function open(t: TestContext, connection: Connection): Transport {
  const transport = new Transport(connection);
  t.after(() => transport.close());
  return transport;
}

suite('a write', () => {
  test('is not sent by a process that is not the leader; reads are', async (t) => {
    const rig = new Rig();
    rig.remaining = 0;
    const transport = open(t, await rig.connection(t));
    for (const method of ['POST', 'PUT', 'PATCH', 'DELETE'] as const)
      await assert.rejects(transport.request({ method, path: '/' }), NotLeader);
    await transport.request({ method: 'GET', path: '/' });
    assert.deepEqual(rig.seen, ['GET']);
  });

  test('is sent by the leader, on new connections and on used ones', async (t) => {
    const rig = new Rig();
    const transport = open(t, await rig.connection(t));
    for (let i = 0; i < 2; i++) assert.equal((await transport.request(POST)).status, 200);
    assert.deepEqual(rig.seen, ['POST', 'POST']);
  });

  test('is checked once its TLS connection is secure', async (t) => {
    const { key, cases } = await trustCases();
    const { bundle: ca, chain: cert } = cases.find(({ refusal }) => refusal === undefined) ?? assert.fail();
    const rig = new Rig();
    const server = createTlsServer({ key, cert }, rig.listener);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    t.after(() => server.close());
    const { port } = server.address() as AddressInfo;
    const access = { tls: { ca }, headers: {} };
    const transport = open(
      t,
      rig.guarded({ server: `https://127.0.0.1:${port}`, access: () => Promise.resolve(access) }),
    );
    await transport.request(POST);
    transport.close();
    // The lease expires during the handshake.
    server.once('connection', () => (rig.remaining = 0));
    await assert.rejects(transport.request(POST), NotLeader);
    assert.deepEqual(rig.seen, ['POST']);
  });

  test('is not sent if the lease expires while it waits for the rate limit', async (t) => {
    const rig = new Rig();
    const clock = new FakeClock();
    const rate = new TokenBucket(clock, { perSecond: 1, capacity: 1 });
    const reported: (number | undefined)[] = [];
    const observe = (_: Request, status: number | undefined): void => void reported.push(status);
    const transport = new LimitedTransport(await rig.connection(t), { clock, rate, observe });
    t.after(() => transport.close());
    await transport.request(POST);
    const waiting = assert.rejects(transport.request(POST), NotLeader);
    await clock.sleeping();
    rig.remaining = 0;
    await clock.pass(1_000);
    await waiting;
    assert.deepEqual(rig.seen, ['POST']);
    assert.deepEqual(reported, [200], 'a refused write is not counted');
  });

  test('is not sent again if the lease expires while it waits because the server refused it', async (t) => {
    const rig = new Rig();
    rig.answer = (_, response) => response.writeHead(429, { 'retry-after': '1' }).end('{}');
    const clock = new FakeClock();
    const rate = new TokenBucket(clock, { perSecond: 0, capacity: 1 });
    const transport = new LimitedTransport(await rig.connection(t), { clock, rate });
    t.after(() => transport.close());
    const waiting = assert.rejects(transport.request(POST), NotLeader);
    await clock.sleeping();
    rig.remaining = 0;
    await clock.pass(10_000);
    await waiting;
    assert.deepEqual(rig.seen, ['POST']);
  });

  test('has the time limit of the lease as it is after the wait, and waits without one', async (t) => {
    const rig = new Rig();
    rig.answer = (_, response) => {
      rig.answer = () => (rig.remaining = 0);
      rig.remaining = 50;
      response.writeHead(429, { 'retry-after': '60' }).end('{}');
    };
    const clock = new FakeClock();
    const rate = new TokenBucket(clock, { perSecond: 0, capacity: 1 });
    const transport = new LimitedTransport(await rig.connection(t), { clock, rate });
    t.after(() => transport.close());
    const waiting = assert.rejects(transport.request({ ...POST, timeout: 60_000 }), NotLeader);
    await clock.sleeping();
    const asked = rig.asked;
    await clock.pass(90_000);
    await waiting;
    assert.ok(rig.asked > asked);
    assert.deepEqual(rig.seen, ['POST', 'POST']);
  });

  test('is not sent if the lease expires while it waits for a connection', async (t) => {
    const rig = new Rig();
    const answers: (() => void)[] = [];
    rig.answer = (_, response) => answers.push(() => response.end('{}'));
    const transport = open(t, await rig.connection(t));
    const reads = Array.from({ length: CONNECTIONS }, () => transport.request({ method: 'GET', path: '/' }));
    await until('all connections in use', () => (answers.length === CONNECTIONS ? true : undefined));
    const waiting = assert.rejects(transport.request(POST), NotLeader);
    await until('a waiting write', () => (rig.asked > 0 ? true : undefined));
    rig.remaining = 0;
    for (const answer of answers) answer();
    await waiting;
    await Promise.all(reads);
    assert.ok(!rig.seen.includes('POST'));
  });

  test('is not repeated with new credentials if the lease has expired', async (t) => {
    const rig = new Rig();
    let access: Access = { tls: {}, headers: { authorization: 'old' } };
    rig.answer = (_, response) => response.writeHead(401).end('{}');
    const connection = await rig.connection(t, {
      access: () => Promise.resolve(access),
      renew: () => {
        access = { tls: {}, headers: { authorization: 'new' } };
        rig.remaining = 0;
        return Promise.resolve();
      },
    });
    await assert.rejects(open(t, connection).request(POST), NotLeader);
    assert.deepEqual(rig.seen, ['POST']);
  });

  test('ends when the lease expires before its answer', async (t) => {
    const rig = new Rig();
    rig.answer = () => (rig.remaining = 0);
    // The first questions make the time limit of the request.
    rig.remaining = 50;
    await assert.rejects(open(t, await rig.connection(t)).request(POST), NotLeader);
    assert.deepEqual(rig.seen, ['POST']);
  });

  test('times out as before while the lease is held', async (t) => {
    const rig = new Rig();
    rig.answer = () => undefined;
    const transport = open(t, await rig.connection(t));
    await assert.rejects(transport.request({ ...POST, timeout: 50 }), /timed out/);
  });
});
