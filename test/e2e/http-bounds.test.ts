import assert from 'node:assert/strict';
import { Agent, request } from 'node:http';
import { readFile } from 'node:fs/promises';
import { request as secureRequest } from 'node:https';
import { suite, test } from 'node:test';
import { podAddress } from '../control-plane/network.ts';
import { ask, post, type Told } from '../support/ask.ts';
import type { ControllerProcess } from '../support/controller-process.ts';
import { doorsTo, type Door } from '../support/doors.ts';
import { NAME, NAMESPACE } from '../support/installation.ts';
import { RawConnection } from '../support/raw-connection.ts';
import { sealedSecret } from '../support/sealed.ts';
import { Setup } from '../support/setup.ts';
import { until } from '../control-plane/until.ts';

const MIB = 1024 * 1024;
let controller: ControllerProcess;
let url: string;
let namespace: string;
let doors: Door[];
let token: string;
/** Local addresses to send from, so that each client has its own rate limit. */
const [ATTACKER, OTHER, NEIGHBOUR] = ['127.0.0.2', '127.0.0.3', '127.0.0.4'] as const;

const setup = new Setup(async () => {
  const { plane, installation } = setup;
  namespace = await plane.createNamespace('bounds');
  await start(installation.startReadyController());
  token = await plane.newServiceAccountToken(namespace, 'sender');
});

async function start(starting: Promise<ControllerProcess>): Promise<void> {
  controller = await setup.use(starting);
  url = await controller.url();
  doors = await doorsTo(controller, setup, namespace);
}

/**
 * Streams an endless body until the request is answered or cut off. Returns the answer's status, 0 if there was none,
 * its body, and the amount sent.
 */
async function stream(
  root: string,
  ca: string | undefined,
): Promise<{ status: number; body: string; mebibytes: number }> {
  const send = ca === undefined ? request : secureRequest;
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
  const sent = send(`${root}/v1/verify`, {
    method: 'POST',
    headers,
    agent: false,
    ...(ca === undefined ? {} : { ca }),
  });
  const seen = { status: 0, body: '', closed: false };
  const answered = new Promise<void>((resolve) => {
    sent.on('response', (answer) => {
      seen.status = answer.statusCode ?? 0;
      answer.setEncoding('utf8');
      answer.on('data', (part: string) => (seen.body += part));
      // A connection that is cut off after the answer ends it early.
      for (const event of ['end', 'error', 'close'] as const) answer.on(event, () => resolve());
    });
  });
  const end = new Promise<void>((resolve) => {
    for (const event of ['error', 'close'] as const) {
      sent.on(event, () => {
        seen.closed = true;
        resolve();
      });
    }
  });
  const chunk = Buffer.alloc(MIB, 0x20);
  let mebibytes = 0;
  while (!seen.closed && seen.status === 0 && mebibytes < 1500) {
    mebibytes++;
    if (!sent.write(chunk))
      await Promise.race([new Promise((resolve) => sent.once('drain', resolve)), answered, end]);
  }
  if (seen.status !== 0) await Promise.race([answered, end]);
  sent.destroy();
  await end;
  return { status: seen.status, body: seen.body, mebibytes };
}

suite('a body of 1.5 GB', () => {
  test('is refused before it is sent if its length is announced', async () => {
    for (const door of doors) {
      const told = await door.ask('POST', '/v1/rotate', { body: Buffer.alloc(3 * MIB, 0x20) });
      assert.deepEqual([told.status, told.body], [413, 'the body is too large\n'], door.name);
    }
    const raw = new RawConnection(url);
    raw.socket.write(`POST /v1/verify HTTP/1.1\r\nHost: x\r\nContent-Length: ${1500 * MIB}\r\n\r\n`);
    assert.ok(await raw.has('HTTP/1.1 413 '));
    raw.close();
  });

  test('in chunks is refused or cut off long before its end', async () => {
    const ways: [string, string | undefined][] = [[url, undefined]];
    const { plane } = setup;
    if (podAddress() !== null) {
      const proxied = `/api/v1/namespaces/${NAMESPACE}/services/http:${NAME}:http/proxy`;
      ways.push([plane.server + proxied, await readFile(plane.caFile, 'utf8')]);
    }
    for (const [root, ca] of ways) {
      const { status, body, mebibytes } = await stream(root, ca);
      // The API server's proxy answers 503 if the controller closes the connection before the proxy reads the 413.
      if (ca !== undefined && status === 503) assert.match(body, /error trying to reach service/);
      else assert.ok([0, 413].includes(status), `${status}`);
      assert.ok(mebibytes < 200, `${mebibytes} MiB were taken`);
    }
    assert.equal((await ask('GET', `${url}/healthz`)).status, 200);
  });
});

suite('the rate', () => {
  /** Sends many requests. Returns how many passed, and the maximum that the rate allows. */
  async function flood(
    send: (index: number) => Promise<Told>,
    { perSecond, atOnce }: { perSecond: number; atOnce: number },
  ): Promise<{ passed: number; most: number }> {
    const started = Date.now();
    let passed = 0;
    for (let round = 0; round < 10; round++) {
      const told = await Promise.all(Array.from({ length: 20 }, (_, index) => send(round * 20 + index)));
      for (const { status, body, headers } of told) {
        if (status !== 429) passed++;
        else if (headers['x-ratelimit-limit'] !== undefined) assert.equal(body, 'limit exceeded\n');
        assert.ok(status !== 429 || Number(headers['retry-after']) >= 1);
      }
    }
    return { passed, most: atOnce + (perSecond * (Date.now() - started)) / 1000 + 1 };
  }
  const forged = (index: number): string => `10.9.${index >> 8}.${index & 255}`;

  test('is that of the address for a direct caller with many forged addresses', async () => {
    const { passed, most } = await flood(
      (index) =>
        ask('POST', `${url}/v1/verify`, {
          headers: { 'x-forwarded-for': forged(index) },
          localAddress: ATTACKER,
        }),
      { perSecond: 40, atOnce: 60 },
    );
    assert.ok(passed <= most, `${passed} of at most ${most}`);
    // Not every request within the rate gets a slot, but many more than one client's do.
    assert.ok(passed >= 30, `${passed}`);
  });

  test('is that of one client for a user of the API server, whatever addresses it forges', async () => {
    const [, proxied] = doors;
    if (proxied === undefined) return;
    for (const [path, limit] of [
      ['/v1/verify', { perSecond: 2, atOnce: 3 }],
      ['/v1/rotate', { perSecond: 40, atOnce: 60 }],
    ] as const) {
      const { passed, most } = await flood(
        (index) => proxied.ask('POST', path, { headers: { 'x-forwarded-for': forged(index) } }),
        limit,
      );
      assert.ok(passed <= most, `${path}: ${passed} of at most ${most}`);
    }
  });

  test('of the certificate and of the probes is not limited', async () => {
    for (let index = 0; index < 100; index++) {
      for (const path of ['/healthz', '/readyz', '/v1/cert.pem']) {
        assert.equal((await ask('GET', url + path, { localAddress: ATTACKER })).status, 200);
      }
    }
  });
});

suite('3,000 connections that are half open', () => {
  test('leave the endpoints to others and are closed', async () => {
    const half = 'POST /v1/verify HTTP/1.1\r\nHost: x\r\nX-Slow: ';
    const many = Array.from({ length: 3_000 }, (_, index) => {
      const connection = new RawConnection(url, ATTACKER);
      if (index % 2 === 0) connection.socket.write(half);
      return connection;
    });
    await until('most of them to be closed', () =>
      many.filter(({ socket }) => socket.destroyed).length >= 2_750 ? true : undefined,
    );
    for (const path of ['/healthz', '/readyz', '/v1/cert.pem']) {
      assert.equal((await ask('GET', url + path, { localAddress: OTHER })).status, 200, path);
    }
    const body = sealedSecret(await controller.certificate(), { namespace, name: 'db' }, { a: 'x' });
    for (const door of doors) assert.equal((await door.post('/v1/verify', body)).status, 200, door.name);
    await Promise.all(many.map(({ closed }) => closed));
    // A client may see the end of a connection before the controller stops counting it.
    await until('the address to be let in again', async () => {
      const answer = await ask('GET', `${url}/healthz`, { localAddress: ATTACKER }).catch(() => undefined);
      return answer?.status === 200 ? true : undefined;
    });
  });
});

suite('many private-key operations for requests', () => {
  test('do not delay a SealedSecret', async () => {
    const certificate = await controller.certificate();
    const items = Object.fromEntries(Array.from({ length: 1_500 }, (_, index) => [`i${index}`, 'x']));
    const large = sealedSecret(certificate, { namespace, name: 'large' }, items);
    const agent = new Agent();
    let isOver = false;
    let pending = 0;
    /** Verifies again and again until a request is refused or all is over. */
    const verifyAsOne = async (index: number): Promise<void> => {
      const headers = { 'x-forwarded-for': forgedBy(index) };
      const options = { agent, headers, localAddress: NEIGHBOUR };
      pending++;
      while (!isOver && (await post(`${url}/v1/verify`, large, options)).status === 200) continue;
    };
    for (let index = 0; index < 12; index++) {
      void verifyAsOne(index)
        .catch(() => undefined)
        .finally(() => pending--);
    }
    for (const name of ['one', 'two', 'three']) {
      const ref = { namespace, name };
      await setup.cluster.create('sealedsecrets', sealedSecret(certificate, ref, { a: 'x' }));
      await setup.cluster.told(ref, 'True');
    }
    assert.ok(pending > 0, 'the requests were answered before: this shows nothing');
    isOver = true;
    agent.destroy();
    await until('the requests to end', () => (pending === 0 ? true : undefined));
  });

  function forgedBy(index: number): string {
    return `10.8.0.${index}`;
  }
});

suite('a signal to stop', () => {
  test('lets requests in flight be answered and accepts no others', async () => {
    // A request has 2 s to end. Where this test itself takes longer to go on, another controller is stopped.
    await until('an answer of a controller that stops', async () => {
      if (await answersWhileItStops()) return true;
      await start(setup.installation.startReadyController());
      return undefined;
    });
  });

  /** Stops the controller amid a request, and checks the answer. Returns false if the rest of the request came late. */
  async function answersWhileItStops(): Promise<boolean> {
    const body = JSON.stringify(
      sealedSecret(await controller.certificate(), { namespace, name: 'db' }, { a: 'x' }),
    );
    // So that the process runs that parses bodies.
    assert.equal((await ask('POST', `${url}/v1/verify`, { body, localAddress: OTHER })).status, 200);
    const late = new RawConnection(url, OTHER);
    late.socket.write(`POST /v1/verify HTTP/1.1\r\nHost: x\r\nContent-Length: ${body.length}\r\n\r\n`);
    late.socket.write(body.slice(0, 100));
    await until('the connection to be taken', async () =>
      (await ask('GET', `${url}/readyz`)).status === 200 ? true : undefined,
    );
    const signalled = performance.now();
    controller.signal('SIGTERM');
    await controller.logged('"stopping"');
    late.socket.write(body.slice(100));
    const isLate = performance.now() - signalled > 1_000;
    await late.closed;
    if (isLate) return false;
    assert.match(late.received, /^HTTP\/1\.1 200 /);
    assert.match(late.received, /connection: close/i);
    assert.equal(await controller.ended(), 0);
    return true;
  }

  test('loses no SealedSecret that was just applied', async () => {
    await start(setup.installation.startReadyController());
    const certificate = await controller.certificate();
    const refs = Array.from({ length: 30 }, (_, index) => ({ namespace, name: `late-${index}` }));
    await Promise.all(
      refs.map((ref) => setup.cluster.create('sealedsecrets', sealedSecret(certificate, ref, { a: 'x' }))),
    );
    assert.equal(await controller.stop(), 0);
    await start(setup.installation.startReadyController());
    for (const ref of refs) await setup.cluster.told(ref, 'True');
  });
});

suite('a controller of one namespace', () => {
  test('answers nothing about other namespaces', async () => {
    await controller.stop();
    await start(setup.installation.startReadyController(['--all-namespaces=false', '--rate-limit=0']));
    const certificate = await controller.certificate();
    for (const door of doors) {
      for (const scope of ['strict', 'namespace-wide', 'cluster-wide'] as const) {
        for (const path of ['/v1/verify', '/v1/rotate']) {
          const own = sealedSecret(certificate, { namespace: NAMESPACE, name: 'a' }, { a: 'x' }, { scope });
          assert.equal((await door.post(path, own)).status, 200);
          const foreign = sealedSecret(certificate, { namespace, name: 'a' }, { a: 'x' }, { scope });
          const { status, body } = await door.post(path, foreign);
          assert.deepEqual([status, body], [409, ''], `${scope} ${door.name}`);
        }
      }
    }
  });
});

suite('TLS', () => {
  test('is served with a certificate, and refused with a broken one', async () => {
    const { installation, plane } = setup;
    const missing = await setup.use(installation.startBareController(['--tls-cert-file', plane.caFile]));
    assert.equal(await missing.ended(), 1);
    assert.match(missing.output, /--tls-cert-file and --tls-key-file must be set together/);
    const broken = await setup.use(
      installation.startBareController(['--tls-cert-file', plane.caFile, '--tls-key-file', plane.caFile]),
    );
    assert.equal(await broken.ended(), 1);
    assert.match(broken.output, /cannot serve TLS: /);
  });
});
