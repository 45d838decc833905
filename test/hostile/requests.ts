import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { ask, post } from '../support/ask.ts';
import { RawConnection } from '../support/raw-connection.ts';
import type { Arena } from './arena.ts';
import type { Attack } from './attack.ts';

/** Loopback addresses to send from. */
const [ATTACKER, OTHER] = ['127.0.0.2', '127.0.0.3'] as const;
const FORGED = ['203.0.113.1', '203.0.113.2', '203.0.113.3', '203.0.113.4'] as const;

/** The connections of the current attack, which the next one closes. */
let open: RawConnection[] = [];

function connectMany(url: string, count: number): RawConnection[] {
  for (const each of open) each.close();
  open = Array.from({ length: count }, () => new RawConnection(url, ATTACKER));
  return open;
}

function head(path: string, length: number, from = ''): string {
  const forwarded = from === '' ? '' : `X-Forwarded-For: ${from}\r\n`;
  return `POST ${path} HTTP/1.1\r\nHost: x\r\n${forwarded}Content-Length: ${length}\r\n\r\n`;
}

/** Two megabytes of YAML that expand to two hundred when aliases are resolved. */
function aliases(): Buffer {
  const copies = Array.from({ length: 99 }, (_, index) => `    a${index}: *a\n`).join('');
  const meta = `kind: SealedSecret\nmetadata:\n  name: a\n  namespace: a\n  annotations:\n    a: &a "`;
  return Buffer.from(`${meta}${'x'.repeat(2_000_000)}"\n${copies}`);
}

async function sendAliases(arena: Arena): Promise<RawConnection[]> {
  const body = aliases();
  const connections = connectMany(await arena.controller.url(), 3);
  for (const { socket } of connections) {
    socket.pause();
    socket.write(head('/v1/rotate', body.length));
    socket.write(body);
  }
  return connections;
}

/** Sends bodies that never end and bodies that take long to parse, all from one user. */
async function sendSlowly(arena: Arena): Promise<void> {
  const slow = `{${Array.from({ length: 100_000 }, (_, index) => `k${index}: 1`).join(',')}}`;
  for (const [index, connection] of connectMany(await arena.controller.url(), 20).entries()) {
    const from = FORGED[index % FORGED.length];
    if (index < 16) connection.socket.write(`${head('/v1/verify', 1_000_000, from)}{`);
    else connection.socket.write(head('/v1/verify', slow.length, from) + slow);
  }
}

/** Returns how many seconds a valid request of another client takes. Retries while the rate limit refuses it. */
async function secondsToAnswer(arena: Arena, localAddress: string, from?: string): Promise<number> {
  const namespace = await arena.namespace('posted');
  const body = await arena.sealed({ namespace, name: 'good' }, { a: 'one' });
  const headers = from === undefined ? {} : { 'x-forwarded-for': from };
  const start = performance.now();
  const url = `${await arena.controller.url()}/v1/verify`;
  const { status } = await post(url, body, { localAddress, headers });
  assert.equal(status, 200, `somebody else at ${localAddress} is answered ${status}`);
  return (performance.now() - start) / 1000;
}

async function requestMetrics(arena: Arena): Promise<RawConnection[]> {
  const connections = connectMany(await arena.controller.metricsUrl(), 100);
  for (const { socket } of connections) {
    socket.pause();
    socket.write('GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n'.repeat(50));
  }
  return connections;
}

export const ALIASES: Attack = {
  name: 'aliases that multiply, answers not read',
  async run(arena) {
    const connections = await sendAliases(arena);
    await sleep(6_000);
    const answers = [];
    for (const each of connections) {
      each.socket.resume();
      assert.ok(await each.has('\r\n\r\n'), 'closed without an answer');
      answers.push(/^HTTP\/1.1 (\d+)/.exec(each.received)?.[1]);
    }
    assert.deepEqual(answers, ['400', '400', '400']);
    return `answered ${answers.join(', ')}`;
  },
  async putUnderLoad(arena) {
    await sendAliases(arena);
  },
};

export const SLOW_BODIES: Attack = {
  name: 'bodies that never end or are slow to read',
  async run(arena) {
    await sendSlowly(arena);
    await sleep(1_000);
    const waits = [];
    for (let round = 0; round < 3; round++) {
      waits.push(await secondsToAnswer(arena, OTHER));
      waits.push(await secondsToAnswer(arena, ATTACKER, '198.51.100.1'));
      await sleep(1_000);
    }
    const longest = Math.max(...waits);
    assert.ok(longest < 5, `others waited ${longest.toFixed(1)} s`);
    return `others are answered within ${longest.toFixed(1)} s`;
  },
  putUnderLoad: sendSlowly,
};

export const SLOW_READERS: Attack = {
  name: '/metrics requested and not read',
  async run(arena) {
    const namespace = await arena.namespace('many');
    const body = await arena.sealed({ namespace, name: 'any' }, {});
    for (let index = 0; index < 400; index++) {
      await arena.cluster.create('sealedsecrets', {
        ...body,
        metadata: { ...body.metadata, name: `o-${index}` },
      });
    }
    const before = (await arena.controller.metrics()).length;
    const connections = await requestMetrics(arena);
    await sleep(2_000);
    const start = performance.now();
    const { status } = await ask('GET', `${await arena.controller.metricsUrl()}/metrics`, {
      localAddress: OTHER,
    });
    const seconds = (performance.now() - start) / 1000;
    assert.equal(status, 200, 'somebody else gets no metrics');
    assert.ok(seconds < 5, `somebody else waited ${seconds.toFixed(1)} s for metrics`);
    const closed = Promise.all(connections.map(({ closed }) => closed));
    for (const { socket } of connections) socket.resume();
    const all = await Promise.race([closed.then(() => 'all closed'), sleep(20_000).then(() => 'some open')]);
    return `a page of ${(before / 1024).toFixed(0)} KiB, somebody else's in ${seconds.toFixed(1)} s, ${all}`;
  },
  async putUnderLoad(arena) {
    await requestMetrics(arena);
  },
};
