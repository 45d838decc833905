import assert from 'node:assert/strict';
import { afterEach, suite, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { ask } from '../support/ask.ts';
import type { ControllerProcess } from '../support/controller-process.ts';
import { doorsTo, type Door } from '../support/doors.ts';
import { MemoryMeter } from '../support/memory.ts';
import { VerifyingNeighbour } from '../support/verifying-neighbour.ts';
import { RawConnection } from '../support/raw-connection.ts';
import { sealedSecret } from '../support/sealed.ts';
import { Setup } from '../support/setup.ts';
import { until } from '../control-plane/until.ts';

const MIB = 1024 * 1024;
/**
 * The maximum memory of the controller and its children on a busy machine, in MiB, with a heap of 256 MiB. It depends on
 * when garbage is collected, and must stay below the chart's limit of 512. On a quiet machine, `npm run hostile` asserts 400 MiB.
 */
const MOST = 495;
const HEAP = { env: { NODE_OPTIONS: '--max-old-space-size=256' } };
const NEIGHBOUR = '127.0.0.9';
const PEERS = ['127.0.0.2', '127.0.0.3', '127.0.0.4'] as const;

let controller: ControllerProcess;
let url: string;
let namespace: string;
let good: string;
let doors: Door[];

const setup = new Setup(async () => {
  const { plane, installation } = setup;
  namespace = await plane.createNamespace('memory');
  // Without a rate limit, the controller has to handle every request.
  controller = await setup.use(installation.startReadyController(['--rate-limit=0'], HEAP));
  url = await controller.url();
  doors = await doorsTo(controller, setup, namespace);
  good = JSON.stringify(
    sealedSecret(await controller.certificate(), { namespace, name: 'db' }, { a: 'hunter2-canary' }),
  );
});

const connections: RawConnection[] = [];
afterEach(() => {
  for (const connection of connections.splice(0)) connection.close();
});

/** Opens a connection; one that does not read takes nothing from the socket. */
function connect(to: string, localAddress: string, reads: 'reads' | 'never reads' = 'reads'): RawConnection {
  const connection = new RawConnection(to, localAddress);
  if (reads === 'never reads') connection.socket.pause();
  connections.push(connection);
  return connection;
}

const head = (path: string, length: number, forwardedFor = ''): string =>
  `POST ${path} HTTP/1.1\r\nHost: x\r\nContent-Length: ${length}\r\nX-Forwarded-For: ${forwardedFor}\r\n\r\n`;

function rotateUnread(text: string, peer: string, forwardedFor: string): RawConnection {
  const connection = connect(url, peer, 'never reads');
  connection.socket.write(head('/v1/rotate', Buffer.byteLength(text), forwardedFor) + text);
  return connection;
}

/** How long a neighbour may wait on a busy machine, in ms. On a quiet one, `npm run hostile` asserts 2 s. */
const PATIENCE = 30_000;

/** Runs an attack while a neighbour verifies continuously. Asserts that each answer is 200 within `PATIENCE`. */
async function withNeighbour(attack: () => Promise<void>, seconds: number): Promise<void> {
  const memory = new MemoryMeter(controller.pid);
  const neighbour = new VerifyingNeighbour(`${url}/v1/verify`, good, NEIGHBOUR);
  try {
    await Promise.all([attack(), new Promise((resolve) => setTimeout(resolve, seconds * 1_000))]);
    const { statuses, slowest, count } = await neighbour.stop();
    console.log(`      ${Math.round(memory.peak)} MiB at the most; the neighbour waited ${slowest} ms`);
    assert.deepEqual(statuses, [200]);
    assert.ok(count > 0);
    assert.ok(slowest < PATIENCE, `a neighbour waited for ${slowest} ms`);
    assert.ok(memory.peak < MOST, `${memory.peak} MiB`);
  } finally {
    memory.stop();
    await neighbour.stop();
  }
}

/** Returns the page of metrics without recording it as `ControllerProcess.metrics` does, because it is too large. */
async function metricsPage(): Promise<string> {
  return (await ask('GET', `${await controller.metricsUrl()}/metrics`, { localAddress: NEIGHBOUR })).body;
}

/** Returns how many connections were cut for a reason. */
function cuts(reason: string): Promise<number> {
  return metric(`sealed_secrets_controller_http_connections_cut_total{reason="${reason}"}`);
}

/** Returns how many files and connections the controller has open. */
function openFiles(): Promise<number> {
  return metric('process_open_fds');
}

async function metric(series: string): Promise<number> {
  const found = (await metricsPage()).split('\n').find((each) => each.startsWith(`${series} `));
  return Number(found?.split(' ')[1] ?? 0);
}

suite('a body that expands', () => {
  test('by aliases is refused, and costs nothing when its answer is not read', async () => {
    const metadata = `metadata: {name: db, namespace: ${namespace}}`;
    const aliases = Array.from({ length: 99 }, (_, index) => `  a${index}: *x`).join('\n');
    const text = `kind: SealedSecret\n${metadata}\nx: &x ${'x'.repeat(2 * MIB - 4_096)}\ny:\n${aliases}\n`;
    await withNeighbour(async () => {
      for (let round = 0; round < 3; round++) rotateUnread(text, PEERS[0], `10.0.0.${round}`);
      const told = await ask('POST', `${url}/v1/rotate`, { body: text, localAddress: PEERS[1] });
      assert.deepEqual(
        [told.status, told.body],
        [400, 'the body must be one SealedSecret in JSON or YAML\n'],
      );
    }, 4);
  });

  test('by longer JSON is bounded in total, for answers that nobody reads', async () => {
    const object = { ...(JSON.parse(good) as object), note: 'x'.repeat(1.9 * MIB) };
    const large = JSON.stringify(object);
    const escaped = `${good.slice(0, -1)},"note":"${'\\u0001'.repeat(300_000)}"}`;
    const control = `kind: SealedSecret\nmetadata: {name: db, namespace: ${namespace}}\nnote: "${'\\0'.repeat(MIB - 100)}"\n`;
    await withNeighbour(async () => {
      for (const peer of PEERS) {
        for (let index = 0; index < 40; index++) {
          const text = [large, escaped, control][index % 3] ?? large;
          rotateUnread(text, peer, `10.1.0.${index % 8}`);
        }
      }
      const told = await ask('POST', `${url}/v1/rotate`, { body: control, localAddress: '127.0.0.8' });
      assert.deepEqual([told.status, told.body], [413, 'the body is too large\n']);
      const read = await ask('POST', `${url}/v1/rotate`, { body: large, localAddress: '127.0.0.8' });
      assert.equal(read.status, 200);
      assert.ok(read.body.length < 4 * MIB);
    }, 12);
  });
});

suite('bodies that arrive slowly', () => {
  test('from one peer with four forged addresses take no slot from others and are refused within seconds', async () => {
    await withNeighbour(async () => {
      const slow = Array.from({ length: 16 }, (_, index) => {
        const connection = connect(url, PEERS[0]);
        connection.socket.write(head('/v1/verify', MIB, `10.2.0.${index % 4}`) + '{"kind"');
        return connection;
      });
      // Another user behind the same peer is served meanwhile.
      for (let round = 0; round < 5; round++) {
        const told = await ask('POST', `${url}/v1/verify`, { body: good, localAddress: PEERS[0] });
        assert.equal(told.status, 200);
      }
      const started = Date.now();
      await Promise.all(slow.map(({ closed }) => closed));
      assert.ok(Date.now() - started < 60_000);
      for (const { received } of slow) assert.match(received, /^HTTP\/1\.1 408 /);
    }, 4);
  });

  test('of 2 MiB on 180 connections of three peers are bounded in total', async () => {
    await withNeighbour(async () => {
      const most = Buffer.alloc(1.9 * MIB, 0x20);
      await Promise.all(
        PEERS.flatMap((peer) =>
          Array.from({ length: 60 }, async (_, index) => {
            const connection = connect(url, peer);
            await connection.write(head('/v1/rotate', 2 * MIB, `10.3.${index}.1`));
            await connection.write(most);
          }),
        ),
      );
    }, 8);
  });

  test('byte by byte are cut off', async () => {
    await withNeighbour(async () => {
      const chunks = Buffer.from('1\r\n \r\n'.repeat(10_000));
      await Promise.all(
        Array.from({ length: 20 }, async () => {
          const connection = connect(url, PEERS[0]);
          await connection.write('POST /v1/verify HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n');
          for (let round = 0; round < 20; round++) await connection.write(chunks);
        }),
      );
    }, 5);
  });

  test('through the API server with forged addresses leave it to its other users', async () => {
    const [, proxied] = doors;
    if (proxied === undefined) return;
    const bodies = Array.from({ length: 16 }, (_, index) =>
      proxied
        .ask('POST', '/v1/verify', {
          body: `{${Array.from({ length: 100_000 }, (_each, key) => `k${key}: 1`).join(',')}}`,
          headers: { 'x-forwarded-for': `10.4.0.${index}` },
        })
        .then(({ status }) => status),
    );
    await withNeighbour(() => Promise.resolve(), 6);
    const statuses = await Promise.all(bodies);
    // All of them count as one client, which has four slots.
    assert.ok(statuses.filter((status) => status === 429).length >= 8, statuses.join());
  });
});

suite('bodies that parse slowly', () => {
  test('delay a neighbour only briefly, whether small or large', async () => {
    const large = `{${Array.from({ length: 100_000 }, (_, key) => `k${key}: 1`).join(',')}}`;
    const small = `{${Array.from({ length: 3_500 }, (_, key) => `k${key}: 1`).join(',')}}`;
    for (const body of [large, small]) {
      await withNeighbour(async () => {
        for (const peer of [PEERS[0], PEERS[1]]) {
          for (let index = 0; index < 16; index++) {
            const forwardedFor = `10.5.0.${index % 4}`;
            connect(url, peer).socket.write(head('/v1/verify', body.length, forwardedFor) + body);
          }
        }
        await Promise.resolve();
      }, 8);
      for (const connection of connections.splice(0)) connection.close();
    }
  });
});

suite('large bodies whose sender hangs up', () => {
  for (const peers of [PEERS.slice(0, 1), PEERS]) {
    test(`hold no memory behind slow ones, from ${peers.length} peers`, async () => {
      const junk = `{"a":"${'x'.repeat(2 * MIB - 100)}"}`;
      const slow = `{${Array.from({ length: 180_000 }, (_, key) => `k${key}: 1`).join(',')}}`;
      const seconds = 10;
      let sent = 0;
      await withNeighbour(async () => {
        for (let index = 0; index < 8; index++) {
          connect(url, '127.0.0.7').socket.write(head('/v1/verify', slow.length, `10.6.0.${index}`) + slow);
        }
        const end = performance.now() + seconds * 1_000;
        await Promise.all(
          peers.flatMap((peer) =>
            Array.from({ length: 4 }, async () => {
              // On a slow machine it takes longer to send enough.
              while (performance.now() < end || sent * 2 <= MOST) {
                const connection = connect(url, peer);
                const forwardedFor = `10.7.${sent % 250}.1`;
                await connection.write(head('/v1/verify', junk.length, forwardedFor) + junk);
                sent++;
                // About 40 bodies a second in total.
                await sleep(100 * peers.length);
                connection.close();
              }
            }),
          ),
        );
      }, seconds);
      // Together, the bodies would take far more memory than the limit.
      assert.ok(sent * 2 > MOST, `${sent} bodies`);
    });
  }
});

suite('answers that nobody reads', () => {
  for (const [title, request] of [
    ['requests', 'GET /v1/cert.pem HTTP/1.1\r\nHost: x\r\n\r\n'],
    ['shortest requests', 'GET / HTTP/1.1\r\nHost:\r\n\r\n'],
    ['unknown expectations', 'GET / HTTP/1.1\r\nHost:\r\nExpect: x\r\n\r\n'],
  ] as const) {
    test(`of pipelined ${title} on each of 480 connections are cut`, async () => {
      const before = await cuts('pipelined');
      const requests = request.repeat(5_000);
      await withNeighbour(async () => {
        for (let index = 0; index < 480; index++) {
          connect(url, PEERS[index % 2] ?? PEERS[0], 'never reads').socket.write(requests);
        }
        await Promise.resolve();
      }, 3);
      await until('all to be cut', async () => (await cuts('pipelined')) - before >= 480 || undefined);
    });
  }

  test('of pipelined verifications are cut off', async () => {
    const request = head('/v1/verify', Buffer.byteLength(good)) + good;
    await withNeighbour(async () => {
      for (let index = 0; index < 60; index++) {
        connect(url, PEERS[index % 2] ?? PEERS[0], 'never reads').socket.write(request.repeat(100));
      }
      await Promise.resolve();
    }, 3);
  });
});

suite('pages of metrics that nobody reads', () => {
  test('are bounded in total and dropped within seconds, while another scraper gets its page', async () => {
    // Names of 250 characters make large pages from few objects.
    const certificate = await controller.certificate();
    const many = Array.from({ length: 1_200 }, (_, index) => `${'x'.repeat(245)}${index}`);
    const broken = sealedSecret(certificate, { namespace, name: 'elsewhere' }, { a: 'x' });
    while (many.length > 0) {
      await Promise.all(
        many.splice(0, 40).map((name) =>
          setup.cluster.create('sealedsecrets', {
            ...broken,
            metadata: { ...broken.metadata, name, labels: { 'app.kubernetes.io/instance': 'x'.repeat(63) } },
          }),
        ),
      );
    }
    const reported = async (): Promise<string | undefined> => {
      const text = await metricsPage();
      return text.split('condition_info{').length > 1_200 ? text : undefined;
    };
    const page = await until('all to be reported', reported, 300_000);
    assert.ok(page.length > MIB / 2, `${page.length}`);
    const metrics = await controller.metricsUrl();
    const before = { refused: await cuts('connections'), open: await openFiles() };
    await withNeighbour(async () => {
      for (let index = 0; index < 100; index++) {
        const reader = connect(metrics, PEERS[index % 3] ?? PEERS[0], 'never reads');
        reader.socket.write('GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n'.repeat(6));
      }
      for (let round = 0; round < 5; round++) {
        const { status, body } = await ask('GET', `${metrics}/metrics`, { localAddress: NEIGHBOUR });
        assert.deepEqual([status, body.length > MIB / 2], [200, true]);
      }
    }, 15);
    // Three peers have 16 connections each.
    const refused = async (): Promise<number> => (await cuts('connections')) - before.refused;
    await until('the others to be refused', async () => (await refused()) >= 100 - 3 * 16 || undefined);
    await until('all to be closed', async () => ((await openFiles()) <= before.open + 3 ? true : undefined));
  });
});

suite('after all attacks', () => {
  test('the controller is alive, has logged no error, and stops', async () => {
    assert.deepEqual(
      controller.log
        .filter(({ level, message }) => level === 'error' && message !== 'failed to sync SealedSecret')
        .map(({ line }) => line),
      [],
    );
    assert.equal(await controller.stop(), 0);
  });
});
