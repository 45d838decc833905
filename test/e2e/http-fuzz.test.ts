import assert from 'node:assert/strict';
import { Agent } from 'node:http';
import { suite, test } from 'node:test';
import { VERIFY_TYPE } from '../../shared/seal/verify-answer.ts';
import { ask, type Told } from '../support/ask.ts';
import type { ControllerProcess } from '../support/controller-process.ts';
import { MemoryMeter, memoryOf } from '../support/memory.ts';
import { randomFrom } from '../support/random.ts';
import { RawConnection } from '../support/raw-connection.ts';
import { sealedSecret } from '../support/sealed.ts';
import { Setup } from '../support/setup.ts';

/**
 * Regardless of the input, the process survives, its memory stays bounded, and it only returns the expected answers.
 */
const REQUESTS = 100_000;
const SEED = Number(process.env['FUZZ_SEED'] ?? 20261121);
/** One in this many requests has its own connection and is malformed on purpose. */
const BROKEN_EVERY = 50;
/** One in this many requests has a body that expands, or (below) a truncated body or an answer that is never read. */
const EXPANDING_EVERY = 1_000;
const UNREAD_EVERY = 100;
/** The maximum memory of the controller and its children, in MiB. */
const MOST_MEMORY = 400;
const AT_ONCE = 6;

const CANARY = 'hunter2-canary';
let controller: ControllerProcess;
let url: string;
let good: string;

const setup = new Setup(async () => {
  controller = await setup.use(setup.installation.startReadyController(['--rate-limit=0', '--web-ui']));
  url = await controller.url();
  const ref = { namespace: await setup.plane.createNamespace('fuzz'), name: 'db' };
  good = JSON.stringify(sealedSecret(await controller.certificate(), ref, { password: CANARY }));
});

/** Connections that stay open and are never read. */
const held: RawConnection[] = [];
const MAX_HELD = 40;

const random = randomFrom(SEED);
const below = (count: number): number => Math.floor(random() * count);
const oneOf = <T>(all: readonly [T, ...T[]]): T => all[below(all.length)] ?? all[0];
const often = (chance: number): boolean => random() < chance;

const GETS = ['/healthz', '/readyz', '/v1/cert.pem', '/', '/seal.html'] as const;
const POSTS = ['/v1/verify', '/v1/rotate'] as const;
const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'PROPFIND', 'M-SEARCH'] as const;
const ODD_PATHS = [
  '//',
  '/v1',
  '/v1/',
  '/v1/verify/',
  '/V1/VERIFY',
  '/__proto__',
  '/constructor',
  '/metrics',
  '/healthz/..',
  '/%2e%2e/healthz',
  '/v1%2fverify',
  '/*',
] as const;

function bytes(length: number): Buffer {
  return Buffer.from(Array.from({ length }, () => below(256)));
}

function path(): string {
  if (often(0.1)) return oneOf(ODD_PATHS);
  if (often(0.05)) return `/${bytes(below(40)).toString('base64url')}`;
  const known: string = oneOf([...GETS, ...GETS, ...POSTS]);
  return often(0.1) ? `${known}?${bytes(below(20)).toString('base64url')}=%00%ff` : known;
}

/** Returns a valid body with bytes changed, cut or repeated. */
function mutated(text: string): string {
  const at = below(text.length);
  switch (below(4)) {
    case 0:
      return text.slice(0, at);
    case 1:
      return text.slice(0, at) + String.fromCharCode(below(256)) + text.slice(at + 1);
    case 2:
      return text.slice(0, at) + text.slice(below(at + 1));
    default:
      return text.replace(
        oneOf(['db', 'metadata', '{}', '"spec"', 'A', ':']),
        oneOf(['null', '[]', '1', '"x":', '', '\u0000']),
      );
  }
}

function body(): string | Buffer {
  if (often(0.05)) return good;
  if (often(0.4)) return mutated(good);
  if (often(0.05)) return Buffer.alloc(3 * 1024 * 1024, 0x20);
  if (often(0.3)) return bytes(below(300));
  return oneOf([
    '',
    'null',
    '{}',
    '[]',
    '"x"',
    '- - - -',
    'a: &a [*a]',
    '{{',
    'kind: SealedSecret',
    'kind: List\nitems: [{kind: SealedSecret}]',
    '---\n---\n',
  ]);
}

/** Returns a body that grows when it is parsed or written as JSON. */
function expanding(): string {
  const metadata = 'kind: SealedSecret\nmetadata: {name: db, namespace: fuzz}\n';
  const count = 1 + below(300_000);
  return oneOf([
    `${metadata}x: &x ${'x'.repeat(count)}\ny: [${'*x, '.repeat(below(100))}]\n`,
    `${metadata}x: &x {a: b}\ny: {<<: *x}\n`,
    `${metadata}x: "${'\\0'.repeat(count)}"\n`,
    `${metadata}x: [${'1e20,'.repeat(below(10_000))}]\n`,
    `${metadata}spec: {encryptedData: {${Array.from({ length: below(2_000) }, (_, index) => `i${index}: ""`).join(',')}}}\n`,
    good.replace('"kind"', `"x":"${'\\u0001'.repeat(count)}","kind"`),
  ]);
}

function headers(): Record<string, string> {
  const made: Record<string, string> = { 'x-forwarded-for': `10.0.${below(256)}.${below(256)}` };
  if (often(0.1)) made['accept'] = oneOf([VERIFY_TYPE, '*/*', ',', ';q=1', 'x'.repeat(500)]);
  if (often(0.1))
    made['x-forwarded-for'] = oneOf(['', ',', 'unknown', '::1%lo', '999.1.1.1', 'x'.repeat(3000)]);
  if (often(0.05)) made[`x-${bytes(3).toString('hex')}`] = bytes(below(200)).toString('base64');
  if (often(0.02)) made['content-type'] = oneOf(['application/yaml', 'text/html', '']);
  if (often(0.02)) made['content-encoding'] = 'gzip';
  if (often(0.02)) made['x-large'] = 'x'.repeat(20_000);
  return made;
}

const REFUSALS: Readonly<Record<number, string>> = {
  400: 'the body must be one SealedSecret in JSON or YAML\n',
  404: 'not found\n',
  405: 'method not allowed\n',
  429: 'limit exceeded\n',
};

function expectedOf(method: string, target: string): readonly number[] {
  // Resolve dots as the client does.
  const asked = new URL(url + target).pathname;
  if (GETS.some((known) => known === asked)) return ['GET', 'HEAD'].includes(method) ? [200] : [405];
  if (POSTS.some((known) => known === asked))
    return method === 'POST' ? [200, 400, 408, 409, 413, 429] : [405];
  return [404];
}

function check(method: string, target: string, sent: Record<string, string>, told: Told): void {
  const what = `${method} ${target} was answered ${told.status} (seed ${SEED})`;
  const allowed = sent['x-large'] === undefined ? expectedOf(method, target) : [431];
  assert.ok(allowed.includes(told.status), what);
  const words = REFUSALS[told.status];
  if (told.status === 413) assert.match(told.body, /^the (body is|response would be) too large\n$/, what);
  if (words !== undefined && method !== 'HEAD') assert.equal(told.body, words, what);
  assert.ok(!told.body.includes(CANARY), what);
}

async function oneRequest(agent: Agent): Promise<void> {
  const [target, sent] = [path(), headers()];
  // Bodies cost the controller work, so most requests have none.
  const method = often(0.75) ? oneOf(['GET', 'GET', 'GET', 'HEAD']) : oneOf(METHODS);
  const sentBody = method === 'POST' || often(0.01) ? body() : undefined;
  // Without it, Node sends the body of a GET without its length.
  if (sentBody !== undefined) sent['content-length'] = String(Buffer.byteLength(sentBody));
  const options = { agent, headers: sent, ...(sentBody === undefined ? {} : { body: sentBody }) };
  const large = Buffer.isBuffer(options.body) && options.body.length > 1_000_000;
  try {
    check(method, target, sent, await ask(method, url + target, options));
  } catch (error) {
    // The connection of a client that sends an unwanted body may be closed before the client has read the reason.
    if (error instanceof assert.AssertionError || !(large || sent['x-large'] || 'body' in options))
      throw error;
  }
}

/** Sends a body that expands; the size of the request bounds the size of the answer. */
async function oneExpanding(agent: Agent): Promise<void> {
  const [target, sent] = [oneOf(POSTS), expanding()];
  const headers = { 'x-forwarded-for': `10.1.0.${below(256)}` };
  const told = await ask('POST', url + target, { agent, headers, body: sent });
  check('POST', target, {}, told);
  assert.ok(told.body.length <= 8 * Buffer.byteLength(sent) + 4096, `${told.body.length} (seed ${SEED})`);
}

/** Sends a truncated body, or many requests whose answers are not read. Some connections stay open for a while. */
async function oneUnread(): Promise<void> {
  const connection = new RawConnection(url, `127.0.0.${10 + below(3)}`);
  connection.socket.pause();
  const sent = often(0.2) ? expanding() : good;
  const start = `POST ${oneOf(POSTS)} HTTP/1.1\r\nHost: x\r\nContent-Length: ${Buffer.byteLength(sent)}\r\n\r\n`;
  const whole = start + sent;
  const text = oneOf([
    whole.slice(0, start.length + below(sent.length)),
    whole.repeat(1 + below(3)),
    `GET ${oneOf(GETS)} HTTP/1.1\r\nHost: x\r\n\r\n`.repeat(1 + below(1_000)),
  ]);
  connection.socket.write(text);
  held.push(connection);
  if (held.length <= MAX_HELD) return;
  const oldest = held.shift();
  oldest?.close();
  await oldest?.closed;
}

/** Sends a request that no client library would send. */
async function oneBroken(): Promise<void> {
  const connection = new RawConnection(url, '127.0.0.9');
  const start = `${oneOf(['GET', 'POST', 'CONNECT', 'TRACE', 'get', ''])} ${oneOf(['/healthz', '/v1/verify', 'http://x/', 'x', ''])} ${oneOf(['HTTP/1.1', 'HTTP/1.0', 'HTTP/2.0', ''])}`;
  const lines = [
    'Host: x',
    'Content-Length: 10\r\nContent-Length: 20',
    'Content-Length: -1',
    'Content-Length: 99999999999999999999',
    'Transfer-Encoding: chunked\r\nContent-Length: 5',
    'Transfer-Encoding: chunked',
    'Transfer-Encoding: gzip',
    'Upgrade: websocket\r\nConnection: Upgrade',
    'Expect: 100-continue\r\nContent-Length: 5',
    'Expect: nothing',
    'Connection: close',
    ' folded: x',
    'X: \u0000',
  ] as const;
  const text = `${start}\r\n${Array.from({ length: below(4) }, () => oneOf(lines)).join('\r\n')}\r\n\r\n`;
  const rest = oneOf([
    '',
    '5\r\nab',
    'ZZ\r\n',
    '0\r\n\r\n',
    good.slice(0, below(good.length)),
    'GET / HTTP/1.1\r\n\r\n',
  ]);
  const whole = Buffer.concat([Buffer.from(text + rest), bytes(below(20))]);
  await connection.write(
    often(0.3) ? bytes(below(400)) : whole.subarray(0, often(0.3) ? below(whole.length) : whole.length),
  );
  if (often(0.5)) connection.socket.end();
  if (often(0.5)) await Promise.race([connection.closed, new Promise((resolve) => setImmediate(resolve))]);
  connection.close();
  await connection.closed;
  assert.ok(!connection.received.includes(CANARY));
}

suite(`${REQUESTS} requests of every kind`, () => {
  test('are answered correctly and leave no lasting cost', async () => {
    // The server closes a connection that is idle for 5 s, which must not coincide with its next use.
    const agent = new Agent({ keepAlive: true, maxSockets: AT_ONCE, timeout: 2_000 });
    let left = REQUESTS;
    const seen: number[] = [];
    const work = async (): Promise<void> => {
      while (left > 0) {
        const index = REQUESTS - left--;
        if (index % (REQUESTS / 10) === 0) seen.push(memoryOf(controller.pid));
        if (index % EXPANDING_EVERY === 1) await oneExpanding(agent);
        else if (index % UNREAD_EVERY === 2) await oneUnread();
        else await (index % BROKEN_EVERY === 0 ? oneBroken() : oneRequest(agent));
      }
    };
    const memory = new MemoryMeter(controller.pid);
    await Promise.all(Array.from({ length: AT_ONCE }, work)).finally(() => memory.stop());
    agent.destroy();
    for (const connection of held) connection.close();
    seen.push(memoryOf(controller.pid));
    assert.ok(memory.peak < MOST_MEMORY, `${memory.peak} MiB (seed ${SEED})`);

    const early = Math.max(...seen.slice(1, 6));
    const late = Math.max(...seen.slice(6));
    assert.ok(late < early + 64, `MiB of memory: ${seen.map(Math.round).join(', ')} (seed ${SEED})`);
  });

  test('leave the controller as it was', async () => {
    assert.equal((await ask('GET', `${url}/readyz`)).status, 200);
    assert.equal((await ask('POST', `${url}/v1/verify`, { body: good })).status, 200);
    assert.deepEqual(
      controller.log.filter(({ level }) => level === 'error').map(({ line }) => line),
      [],
    );
    assert.ok(!controller.output.includes(CANARY));
    assert.equal(await controller.stop(), 0);
  });
});
