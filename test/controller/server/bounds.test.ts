import assert from 'node:assert/strict';
import { Agent } from 'node:http';
import { afterEach, suite, test } from 'node:test';
import { parsePostedObject } from '../../../controller/server/posted.ts';
import { sealingPair } from '../../support/keys.ts';
import { RawConnection } from '../../support/raw-connection.ts';
import { sealedSecret } from '../../support/sealed.ts';
import { until } from '../../control-plane/until.ts';
import { TestServer, type TestServerOptions } from './test-server.ts';

const MIB = 1024 * 1024;
const { key, certificate } = await sealingPair();
const good = JSON.stringify(
  sealedSecret(certificate, { name: 'db', namespace: 'prod' }, { a: 'hunter2-canary' }),
);
const never = (): Promise<never> => new Promise(() => undefined);

let server: TestServer | undefined;
const connections: RawConnection[] = [];
afterEach(async () => {
  for (const connection of connections.splice(0)) connection.close();
  await server?.close();
});

async function start(options: TestServerOptions = {}): Promise<TestServer> {
  server = await TestServer.start({ keys: [key], certificate, ...options });
  return server;
}

function connection({ url }: TestServer): RawConnection {
  const made = new RawConnection(url);
  connections.push(made);
  return made;
}

const head = (path: string, ...headers: string[]): string =>
  [`POST ${path} HTTP/1.1`, 'Host: x', ...headers, '', ''].join('\r\n');

suite('a body', () => {
  test('counts in addition to the object parsed from it', async () => {
    let parsing = 0;
    let bothParse = (): void => undefined;
    const both = new Promise<void>((resolve) => (bothParse = resolve));
    const padded = good + ' '.repeat(MIB);
    const by = await start({
      parse: async (body) => {
        const posted = parsePostedObject(body);
        assert.ok(posted !== null && posted !== 'too large');
        if (++parsing === 2) bothParse();
        await both;
        return { ...posted, memory: 3.5 * MIB };
      },
    });
    const pending = [1, 2].map(() => by.ask('POST', '/v1/verify', { body: padded }));
    const statuses = (await Promise.all(pending)).map(({ status }) => status);
    // A client has 8 MiB.
    assert.ok(statuses.includes(429), statuses.join());
  });

  test('is answered 503 if no process can be started to parse it', async () => {
    const by = await start({ parse: () => Promise.resolve('no process') });
    const answer = await by.ask('POST', '/v1/verify', { body: good });
    assert.deepEqual([answer.status, answer.body], [503, 'cannot start a process to parse the body\n']);
  });

  test('may have two megabytes; one announced as larger is refused before it is sent', async () => {
    const by = await start();
    const padded = (size: number): string => good + ' '.repeat(size - good.length);
    const most = await by.ask('POST', '/v1/verify', { body: padded(2 * MIB) });
    assert.equal(most.status, 200);
    const more = await by.ask('POST', '/v1/verify', { body: padded(2 * MIB + 1) });
    assert.deepEqual(
      [more.status, more.body, more.headers.connection],
      [413, 'the body is too large\n', 'close'],
    );
    const huge = connection(by);
    huge.socket.write(head('/v1/rotate', `Content-Length: ${1500 * MIB}`));
    assert.ok(await huge.has('HTTP/1.1 413'));
  });

  test('in chunks is refused as soon as it is too large, and the connection closed', async () => {
    const by = await start();
    const endless = connection(by);
    endless.socket.write(head('/v1/verify', 'Transfer-Encoding: chunked'));
    const chunk = `10000\r\n${' '.repeat(65_536)}\r\n`;
    let sent = 0;
    const send = async (): Promise<void> => {
      while (await endless.write(chunk)) sent += chunk.length;
    };
    const sending = send();
    assert.ok(await endless.has('the body is too large\n'));
    assert.match(endless.received, /^HTTP\/1\.1 413 /);
    await endless.closed;
    await sending;
    assert.ok(sent < 64 * MIB, 'the server keeps reading chunks');
    assert.equal((await by.ask('GET', '/healthz')).status, 200);
  });

  test('in single bytes has its connection closed', async () => {
    const by = await start();
    const crumbs = connection(by);
    crumbs.socket.write(head('/v1/verify', 'Transfer-Encoding: chunked') + '1\r\n \r\n'.repeat(10_000));
    await crumbs.closed;
    assert.doesNotMatch(crumbs.received, /HTTP\/1\.1 [24]00/);
    const pieces = good.match(/[^]{1,40}/g) ?? [];
    const chunked = pieces.map((piece) => `${piece.length.toString(16)}\r\n${piece}\r\n`).join('');
    const small = connection(by);
    small.socket.write(`${head('/v1/verify', 'Transfer-Encoding: chunked')}${chunked}0\r\n\r\n`);
    assert.ok(await small.has('HTTP/1.1 200 OK'));
  });

  test('is asked for if the client expects 100 Continue', async () => {
    const by = await start();
    const waiting = connection(by);
    waiting.socket.write(head('/v1/verify', 'Expect: 100-continue', `Content-Length: ${good.length}`));
    assert.ok(await waiting.has('HTTP/1.1 100 Continue\r\n\r\n'));
    waiting.socket.write(good);
    assert.ok(await waiting.has('HTTP/1.1 200 OK'));
    const refused = connection(by);
    refused.socket.write(head('/v1/verify', 'Expect: 100-continue', `Content-Length: ${3 * MIB}`));
    assert.ok(await refused.has('HTTP/1.1 413'));
    assert.ok(!refused.received.includes('Continue'));
  });

  test('other than a SealedSecret is answered 400, and the answer quotes none of it', async () => {
    const by = await start();
    const bodies = [
      '',
      'hunter2-canary',
      '{"kind":"Secret","stringData":{"a":"hunter2-canary"}}',
      `{"kind":"List","items":[${good}]}`,
      good + good,
      `${good}\n---\n${good}`,
      '{"kind":"SealedSecret","metadata":{"name":"hunter2-canary"',
      '{"kind":"SealedSecret","metadata":"hunter2-canary"}',
      good.replace('"apiVersion":"bitnami.com/v1alpha1"', '"apiVersion":"v1"'),
      good.replace('"name":"db"', '"name":"db","name":"hunter2-canary"'),
      `a: &a [x, x, x, x, x, x, x, x, x]\n${'bcdefgh'.replace(/./g, (c, i: number) => `${c}: &${c} [${`*${'abcdefgh'[i] ?? ''}, `.repeat(9)}]\n`)}kind: SealedSecret\n`,
      `kind: SealedSecret\nmetadata: {name: db, namespace: prod}\nspec: !hunter2-canary {}\n`,
      `kind: SealedSecret\nmetadata: {name: !!binary aHVudGVyMg==, namespace: prod}\n`,
      '[['.repeat(100_000),
      Buffer.from([0xff, 0xfe, 0x00, 0x80]),
    ];
    for (const path of ['/v1/verify', '/v1/rotate']) {
      for (const body of bodies) {
        const answer = await by.ask('POST', path, { body });
        assert.deepEqual(
          [answer.status, answer.body],
          [400, 'the body must be one SealedSecret in JSON or YAML\n'],
          String(body).slice(0, 60),
        );
      }
    }
  });

  test('that takes too long to parse delays no other request', async () => {
    const by = await start();
    const slow = by.ask('POST', '/v1/verify', {
      body: `{${Array.from({ length: 100_000 }, (_, i) => `k${i}: 1`).join(',')}}`,
    });
    const health = await Promise.race([by.ask('GET', '/healthz'), slow]);
    assert.equal(health.body, 'ok\n');
    assert.equal((await slow).status, 400);
    assert.equal((await by.ask('POST', '/v1/verify', { body: good })).status, 200);
  });
});

suite('a slow client', () => {
  test('is disconnected if its headers take too long', async () => {
    const by = await start({ readTimeout: 500 });
    const slow = connection(by);
    slow.socket.write('POST /v1/verify HTTP/1.1\r\nHost: x\r\nX-Slow: ');
    await slow.closed;
    assert.match(slow.received, /^HTTP\/1\.1 408 /);
    const silent = connection(by);
    await silent.closed;
  });

  test('is disconnected if its body takes too long, and frees its slot for others', async () => {
    const by = await start({ readTimeout: 500 });
    const slow = connection(by);
    slow.socket.write(head('/v1/verify', 'Content-Length: 1000') + '{"kind"');
    await slow.closed;
    assert.doesNotMatch(slow.received, /HTTP\/1\.1 200/);
    for (let index = 0; index < 5; index++) {
      assert.equal((await by.ask('POST', '/v1/verify', { body: good })).status, 200);
    }
  });

  test('is answered that its body arrives too slowly, and takes no slot meanwhile', async () => {
    const by = await start();
    const slow = Array.from({ length: 16 }, () => {
      const made = connection(by);
      made.socket.write(head('/v1/verify', `Content-Length: ${MIB}`) + '{"kind"');
      return made;
    });
    for (let index = 0; index < 5; index++) {
      assert.equal((await by.ask('POST', '/v1/verify', { body: good })).status, 200);
    }
    const answers = await Promise.all(slow.map((each) => each.has('the body arrives too slowly\n')));
    assert.ok(answers.every(Boolean));
    for (const { received } of slow) assert.match(received, /^HTTP\/1\.1 408 /);
    await Promise.all(slow.map(({ closed }) => closed));
  });

  test('is disconnected if the answer takes too long to compute', async () => {
    const by = await start({ writeTimeout: 300, parse: never });
    await assert.rejects(by.ask('POST', '/v1/verify', { body: good }), { code: 'ECONNRESET' });
  });
});

suite('connections', () => {
  test('from one address are limited to 250; more are closed at once', async () => {
    const by = await start();
    const many = Array.from({ length: 300 }, () => connection(by));
    const closed = (): number => many.filter(({ socket }) => socket.destroyed).length;
    await until('50 to be closed', () => (closed() >= 50 ? true : undefined));
    // One more is closed without an answer, and then no other one has been.
    await assert.rejects(by.ask('GET', '/healthz'));
    assert.equal(closed(), 50);
    many.find(({ socket }) => !socket.destroyed)?.close();
    const answer = await until('a free connection', () => by.ask('GET', '/healthz').catch(() => undefined));
    assert.equal(answer.status, 200);
  });

  test('serve one request after another, but none after an unread body', async () => {
    const by = await start();
    const kept = connection(by);
    kept.socket.write('GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n'.repeat(3));
    await until('three answers', () => (kept.received.split('ok\n').length === 4 ? true : undefined));
    const smuggling = connection(by);
    const inner = 'GET /v1/cert.pem HTTP/1.1\r\nHost: x\r\n\r\n';
    smuggling.socket.write(
      `POST /nowhere HTTP/1.1\r\nHost: x\r\nContent-Length: ${inner.length}\r\n\r\n${inner}${inner}`,
    );
    await smuggling.closed;
    assert.match(smuggling.received, /^HTTP\/1\.1 404 /);
    assert.doesNotMatch(smuggling.received, /CERTIFICATE/);
  });

  test('are closed if the client pipelines 1,000 requests', async () => {
    const cut: string[] = [];
    const by = await start({ onCut: (reason) => cut.push(reason) });
    const pipelining = connection(by);
    pipelining.socket.write('GET /v1/cert.pem HTTP/1.1\r\nHost: x\r\n\r\n'.repeat(1_000));
    await pipelining.closed;
    assert.deepEqual(cut, ['pipelined']);
    assert.ok(pipelining.received.split('HTTP/1.1 200').length <= 9);
  });

  test('refuse headers of more than 16 KiB', async () => {
    const by = await start();
    const { status } = await by.ask('GET', '/healthz', { headers: { 'x-large': 'x'.repeat(17_000) } });
    assert.equal(status, 431);
  });
});

suite('requests in flight', () => {
  test('are limited to four per client; one more is answered 429 with Retry-After', async () => {
    const by = await start({ parse: never });
    const agent = new Agent();
    const waiting = Array.from({ length: 4 }, () =>
      by.ask('POST', '/v1/verify', { body: good, agent }).catch(() => undefined),
    );
    const refusal = await until('a refusal', async () => {
      const answer = await Promise.race([
        by.ask('POST', '/v1/verify', { body: good }).catch(() => undefined),
        new Promise<undefined>((resolve) => setTimeout(() => resolve(undefined), 200)),
      ]);
      return answer;
    });
    assert.deepEqual(
      [refusal.status, refusal.body, refusal.headers['retry-after']],
      [429, 'limit exceeded\n', '1'],
    );
    assert.equal((await by.ask('GET', '/v1/cert.pem')).status, 200);
    agent.destroy();
    await Promise.all(waiting);
  });

  test('are aborted when the client disconnects', async () => {
    const signals: AbortSignal[] = [];
    const by = await start({
      parse: (_body, _client, signal) =>
        new Promise((_resolve, reject) => {
          signals.push(signal);
          signal.addEventListener('abort', () => reject(new Error('aborted')));
        }),
    });
    const leaving = connection(by);
    leaving.socket.write(head('/v1/verify', `Content-Length: ${good.length}`) + good);
    const signal = await until('the work to begin', () => signals[0]);
    assert.equal(signal.aborted, false);
    leaving.close();
    await until('the work to end', () => (signal.aborted ? true : undefined));
    assert.equal(signals.length, 1);
  });
});

suite('the rate', () => {
  test('is limited only for verification and re-encryption', async () => {
    const by = await start({ rateLimit: 1 });
    for (const [path, most] of [
      ['/v1/rotate', 40],
      ['/v1/verify', 2],
    ] as const) {
      const answers = [];
      for (let index = 0; index <= most; index++) answers.push(await by.ask('POST', path, { body: good }));
      assert.deepEqual(
        answers.map(({ status }) => status),
        [...Array.from({ length: most }, () => 200), 429],
        path,
      );
      const last = answers.at(-1);
      assert.equal(last?.body, 'limit exceeded\n');
      assert.equal(last.headers['x-ratelimit-limit'], `${most}`);
      assert.equal(last.headers['x-ratelimit-remaining'], '0');
      assert.ok(Number(last.headers['retry-after']) >= 1);
      assert.equal(answers[0]?.headers['x-ratelimit-remaining'], `${most - 1}`);
    }
    for (let index = 0; index < 20; index++) {
      for (const path of ['/healthz', '/readyz', '/v1/cert.pem']) {
        assert.equal((await by.ask('GET', path)).status, 200);
      }
    }
  });

  test('counts by the last address of X-Forwarded-For, and ignores anything that is not an address', async () => {
    const by = await start({ rateLimit: 1 });
    const status = async (forwarded: string): Promise<number> =>
      (await by.ask('POST', '/v1/verify', { body: good, headers: { 'x-forwarded-for': forwarded } })).status;
    const statuses = async (entries: string[]): Promise<number[]> => {
      const all = [];
      for (const entry of entries) all.push(await status(entry));
      return all;
    };
    assert.deepEqual(
      await statuses(['1.1.1.1, 10.0.0.1', '2.2.2.2, 10.0.0.1', '3.3.3.3,10.0.0.1']),
      [200, 200, 429],
    );
    assert.deepEqual(await statuses(['10.0.0.2', '10.0.0.2', '10.0.0.2']), [200, 200, 429]);
    assert.deepEqual(await statuses(['[31mx', 'a b', 'x'.repeat(9_000)]), [200, 200, 429]);
    assert.ok(by.logged.every((line) => !/31m|a b|xxx/.test(line)));
  });
});

suite('metrics and log', () => {
  test('get the path, method, status and time of each answer on a known path', async () => {
    const seen: string[] = [];
    const by = await start({
      observe: ({ path, method, code, seconds }) => {
        assert.ok(seconds >= 0);
        seen.push(`${method} ${path} ${code}`);
      },
    });
    await by.ask('GET', '/healthz?a=b');
    await by.ask('GET', '/nowhere');
    await by.ask('PUT', '/v1/rotate');
    await by.ask('POST', '/v1/verify', { body: good });
    await by.ask('HEAD', '/v1/cert.pem');
    assert.deepEqual(seen, [
      'GET /healthz 200',
      'PUT /v1/rotate 405',
      'POST /v1/verify 200',
      'HEAD /v1/cert.pem 200',
    ]);
    assert.deepEqual(by.logged, [
      'request answered {"path":"/v1/verify","status":200,"peer":"127.0.0.1","forwardedFor":""}',
    ]);
  });
});
