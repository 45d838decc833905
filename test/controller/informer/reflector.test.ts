import assert from 'node:assert/strict';
import type { ServerResponse } from 'node:http';
import { afterEach, suite, test } from 'node:test';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { KeySink } from '../../../controller/keys/key-sink.ts';
import type { Log } from '../../../controller/log/log.ts';
import { WorkQueue } from '../../../controller/workqueue/work-queue.ts';
import { Reflector, type Sink } from '../../../controller/informer/reflector.ts';
import type { ListFailure } from '../../../controller/informer/watch-observer.ts';
import { SealedSecretSink } from '../../../controller/informer/sealed-secrets.ts';
import { SecretSink } from '../../../controller/informer/secrets.ts';
import type { Metadata } from '../../../shared/api/metadata.ts';
import { Api, showRef, type Ref } from '../../../shared/kubernetes/api/api.ts';
import { SECRET_METADATA } from '../../../shared/kubernetes/api/kinds.ts';
import { Transport } from '../../../shared/kubernetes/http/transport.ts';
import { systemClock, type Clock } from '../../../shared/clock.ts';
import { FakeClock } from '../../support/fake-clock.ts';
import { storedSealedSecret } from '../../support/objects.ts';
import { FaultyServer, item, list, refusal, stream, type Answer } from '../../support/faulty-server.ts';
import { until } from '../../control-plane/until.ts';

/** Records the UID of each object. */
class RecordingSink implements Sink {
  readonly objects = new Map<string, string>();
  readonly vanished: string[] = [];
  lists = 0;

  seen(object: Metadata): void {
    this.objects.set(showRef(object), object.server.uid);
  }

  gone(ref: Ref): void {
    this.objects.delete(showRef(ref));
    this.vanished.push(showRef(ref));
  }

  *known(): Iterable<[string, Ref]> {
    for (const key of this.objects.keys()) {
      const [namespace = '', name = ''] = key.split('/');
      yield [key, { namespace, name }];
    }
  }

  caughtUp(): void {
    this.lists++;
  }

  get now(): string {
    return [...this.objects]
      .map(([key, uid]) => `${key}=${uid}`)
      .sort()
      .join(' ');
  }
}

let cleanup: (() => Promise<void>) | undefined;
afterEach(() => cleanup?.());

function apiOf(url: string): { api: Api; close: () => void } {
  const access = (): Promise<{ tls: object; headers: Record<string, string> }> =>
    Promise.resolve({ tls: {}, headers: {} });
  const transport = new Transport({ server: url, namespace: undefined, access });
  return { api: new Api(transport), close: () => transport.close() };
}

async function reflect(
  lists: readonly Answer[],
  watches: readonly Answer[],
  clock: Clock = systemClock,
  { checks, maxSilence }: { checks?: readonly Answer[]; maxSilence?: number } = {},
): Promise<{ sink: RecordingSink; server: FaultyServer; logged: string[]; observed: string[] }> {
  const server = new FaultyServer(lists, watches, checks);
  const { api, close } = apiOf(await server.start());
  const logged: string[] = [];
  const record = (message: string, fields?: object): void =>
    void logged.push(`${message} ${JSON.stringify(fields ?? {})}`);
  const log: Log = { info: record, warn: record, error: record };
  const sink = new RecordingSink();
  const stop = new AbortController();
  const observed: string[] = [];
  const observer = {
    restarted: () => void observed.push('restarted'),
    listed: () => void observed.push('listed'),
    listFailed: (failure: ListFailure) => void observed.push(`list failed: ${failure}`),
    heard: () => void observed.push('heard'),
    skipped: () => void observed.push('skipped'),
  };
  const reflector = new Reflector({
    api,
    kind: SECRET_METADATA,
    refOf: (secret) => secret,
    query: {},
    sink,
    clock,
    log,
    observer,
    ...(maxSilence === undefined ? {} : { maxSilence }),
  });
  const running = reflector.run(stop.signal);
  cleanup = async () => {
    stop.abort();
    await running;
    close();
    server.stop();
  };
  return { sink, server, logged, observed };
}

function change(type: string, object: object): object {
  return { type, object };
}

const bookmark = (version: string): object => change('BOOKMARK', { metadata: { resourceVersion: version } });
const STAY = stream([], 'stay');

suite('the reflector', () => {
  test('lists page by page, then watches from the resource version of the list', async () => {
    const { sink, server } = await reflect(
      [list([item('a', '1')], '9', 'more'), list([item('b', '2')], '9')],
      [
        stream([
          change('ADDED', item('c', '3', '10')),
          change('DELETED', item('a', '1', '11')),
          bookmark('20'),
        ]),
        STAY,
      ],
    );
    await until('the second watch', () => (server.count('watch') > 1 ? true : undefined));
    assert.equal(sink.now, 'ns/b=2 ns/c=3');
    assert.equal(sink.lists, 1);
    const [first, second] = server.seen.filter(({ watch }) => watch);
    assert.equal(server.seen[1]?.query.get('continue'), 'more');
    assert.equal(first?.query.get('resourceVersion'), '9');
    assert.equal(first.query.get('allowWatchBookmarks'), 'true');
    assert.ok(Number(first.query.get('timeoutSeconds')) > 60);
    assert.equal(second?.query.get('resourceVersion'), '20', 'a bookmark moves the version on');
  });

  test('discards a list with a failed page, and reports nothing as gone', async () => {
    const { sink } = await reflect(
      [
        list([item('a', '1'), item('b', '2')], '1'),
        list([item('a', '1')], '5', 'more'),
        refusal(500, 'InternalError'),
        list([item('a', '1')], '6'),
      ],
      [stream([change('ERROR', { code: 410, reason: 'Expired' })]), STAY],
    );
    await until('the third list', () => (sink.lists === 2 ? true : undefined));
    assert.deepEqual(sink.vanished, ['ns/b'], 'only the complete list reports it');
    assert.equal(sink.now, 'ns/a=1');
  });

  for (const [what, expired] of [
    ['in the stream', stream([change('ERROR', { kind: 'Status', code: 410, reason: 'Expired' })])],
    ['as the answer', refusal(410, 'Expired')],
  ] as const) {
    test(`lists again after 410 ${what}, and notices a recreated object by its UID`, async () => {
      const { sink, server, logged } = await reflect(
        [list([item('a', '1')], '1'), list([item('a', '2')], '5')],
        [expired, STAY],
      );
      await until('the new object', () => (sink.now === 'ns/a=2' ? true : undefined));
      assert.equal(server.count('list'), 2);
      assert.deepEqual(logged, []);
    });
  }

  test('lists every minute while watching is forbidden, logs it once, and watches when allowed', async () => {
    const clock = new FakeClock();
    const forbidden = refusal(403, 'Forbidden');
    const { sink, server, logged } = await reflect(
      [list([item('a', '1')], '1'), list([item('b', '2')], '2'), list([item('c', '3')], '3')],
      [forbidden, forbidden, STAY],
      clock,
    );
    const minute = async (): Promise<void> => {
      await until('a pause', () => (clock.waiting.length > 0 ? true : undefined));
      assert.deepEqual(clock.waiting, [60_000]);
      await clock.pass(60_000);
    };
    await minute();
    await until('the second list', () => (sink.now === 'ns/b=2' ? true : undefined));
    await minute();
    await until('the watch', () => (server.count('watch') === 3 ? true : undefined));
    assert.equal(sink.now, 'ns/c=3');
    assert.equal(logged.length, 1);
    assert.match(logged[0] ?? '', /^not allowed to watch secrets; listing them every minute instead .+403/);
  });

  const ADDED_B = change('ADDED', item('b', '2', '2'));
  const passing: [string, Answer][] = [
    ['a cut line', stream([ADDED_B, '{"type":"ADD'], 'cut')],
    ['an error of the server', stream([ADDED_B, change('ERROR', { code: 500, message: 'hunter2-canary' })])],
  ];
  for (const [what, fault] of passing) {
    test(`resumes after ${what} from the last resource version it received`, async () => {
      const { sink, server, logged } = await reflect(
        [list([item('a', '1')], '1')],
        [fault, stream([change('ADDED', item('c', '3', '4'))], 'stay')],
      );
      await until('the object after it', () => (sink.now === 'ns/a=1 ns/b=2 ns/c=3' ? true : undefined));
      assert.equal(server.count('list'), 1);
      assert.equal(server.seen.filter(({ watch }) => watch)[1]?.query.get('resourceVersion'), '2');
      assert.ok(!logged.join().includes('canary'));
    });
  }

  test('lists again when the server has not reached its version, as after etcd was restored', async () => {
    const future = refusal(504, 'Timeout');
    const { sink, server, logged } = await reflect(
      [list([item('a', '1', '7')], '9'), list([item('b', '2', '4')], '5')],
      [stream([bookmark('20')]), STAY],
      systemClock,
      { checks: [future] },
    );
    await until('the older state', () => (sink.now === 'ns/b=2' ? true : undefined));
    const [check] = server.of('check');
    assert.deepEqual(
      ['limit', 'resourceVersion', 'resourceVersionMatch'].map((name) => check?.query.get(name)),
      ['1', '20', 'NotOlderThan'],
    );
    await until('the second watch', () => server.of('watch')[1]);
    assert.deepEqual(
      server.of('watch').map(({ query }) => query.get('resourceVersion')),
      ['9', '5'],
    );
    assert.equal(server.count('check'), 1);
    assert.match(
      logged.join('\n'),
      /^the API server has an older state of secrets than was seen before[^\n]*$/,
    );
  });

  for (const [what, trouble] of [
    ['is not available', refusal(503, 'ServiceUnavailable')],
    ['has too much to do', refusal(429, 'TooManyRequests', { 'retry-after': '1' })],
    ['cuts the connection', (response: ServerResponse) => void response.destroy()],
  ] as const) {
    test(`resumes from its version without a list when the server ${what} for a moment`, async () => {
      const { server } = await reflect([list([item('a', '1')], '9')], [stream([]), STAY], systemClock, {
        checks: [trouble, list([], '9')],
      });
      await until('the second watch', () => server.of('watch')[1]);
      assert.deepEqual([server.count('list'), server.count('check')], [1, 2]);
      assert.equal(server.of('watch')[1]?.query.get('resourceVersion'), '9');
    });
  }

  test('lists again when the version check is forbidden', async () => {
    const { server, logged } = await reflect([list([item('a', '1')], '9')], [stream([]), STAY], systemClock, {
      checks: [refusal(403, 'Forbidden')],
    });
    await until('the second watch', () => server.of('watch')[1]);
    assert.equal(server.count('list'), 2);
    assert.deepEqual(logged, []);
  });

  test('lists again after a stream that is open and silent', async () => {
    const { sink, server } = await reflect(
      [list([item('a', '1')], '9'), list([item('b', '2')], '5')],
      [stream([bookmark('20')], 'stay')],
      systemClock,
      { maxSilence: 200 },
    );
    await until('the second list', () => (sink.now === 'ns/b=2' ? true : undefined));
    assert.equal(server.count('check'), 0, 'the version is not checked');
  });

  const lasting: [string, Answer][] = [
    ['a malformed line', stream([ADDED_B, 'hunter2-canary\n'])],
    ['an unknown event', stream([ADDED_B, change('SOMETHING', item('x', '9', '3'))])],
    ['an event without a version', stream([ADDED_B, { type: 'ADDED', object: {} }])],
  ];
  for (const [what, fault] of lasting) {
    test(`lists again after ${what}, which would recur from the same version`, async () => {
      const both = [item('b', '2', '2'), item('c', '3', '4')];
      const { sink, server, logged } = await reflect(
        [list([item('a', '1')], '1'), list(both, '4')],
        [fault, STAY],
      );
      await until('the objects of the second list', () => (sink.now === 'ns/b=2 ns/c=3' ? true : undefined));
      assert.equal(server.count('list'), 2);
      assert.ok(!logged.join().includes('canary'));
    });
  }

  test('discards a response that is not a list', async () => {
    const empty: Answer = (response) => response.end('{}');
    const { sink } = await reflect(
      [list([item('a', '1')], '1'), empty, empty, list([item('a', '1')], '1')],
      [refusal(410, 'Expired'), STAY],
    );
    await until('the fourth list', () => (sink.lists === 2 ? true : undefined));
    assert.deepEqual(sink.vanished, []);
  });

  test('reports lists, restarts and received data to its observer', async () => {
    const { server, observed } = await reflect(
      [refusal(403, 'Forbidden'), list([item('a', '1')], '1')],
      [stream([bookmark('2')]), refusal(503, 'ServiceUnavailable'), STAY],
    );
    await until('the third watch', () => (server.count('watch') === 3 ? true : undefined));
    assert.deepEqual(observed, [
      // Listing is still forbidden; `heard` keeps the watch from counting as dead.
      ...['list failed: forbidden', 'heard', 'restarted'],
      ...['heard', 'listed', 'heard', 'heard', 'restarted'],
      'restarted',
    ]);
  });

  test('retries a list that is refused', async () => {
    const { sink, logged } = await reflect(
      [refusal(500, 'InternalError'), refusal(403, 'Forbidden'), list([item('a', '1')], '1')],
      [STAY],
    );
    await until('the list', () => (sink.now === 'ns/a=1' ? true : undefined));
    assert.match(logged.join('\n'), /500 InternalError[^]*403 Forbidden/);
    assert.ok(!logged.join().includes('canary'));
  });

  test('logs a recurring failure once', async () => {
    const { sink, logged } = await reflect(
      [refusal(403, 'Forbidden'), refusal(403, 'Forbidden'), list([item('a', '1')], '1')],
      [STAY],
    );
    await until('the list', () => (sink.now === 'ns/a=1' ? true : undefined));
    assert.equal(logged.length, 1);
    assert.match(
      logged[0] ?? '',
      /^not allowed to list secrets; ignoring them until RBAC permits it .*"kind":"Secret".*403 Forbidden/,
    );
  });

  test('reopens a stream soon, also after the server has ended many healthy streams', async () => {
    const clock = new FakeClock();
    const open: ServerResponse[] = [];
    const stay: Answer = (response) => {
      response.writeHead(200, { 'content-type': 'application/json' }).flushHeaders();
      open.push(response);
    };
    await reflect([list([], '1')], [stay], clock);
    const pauses: number[] = [];
    for (let i = 0; i < 8; i++) {
      const response = await until('a stream', () => open.pop());
      await clock.pass(1_500);
      response.end();
      const [pause = 0] = await until('a pause', () =>
        clock.waiting.length > 0 ? clock.waiting : undefined,
      );
      pauses.push(pause);
      await clock.pass(pause);
    }
    assert.ok(Math.max(...pauses) <= 500, String(pauses));
  });

  test('backs off while the server ends each stream at once', async () => {
    const clock = new FakeClock();
    await reflect([list([], '1')], [stream([])], clock);
    const pauses: number[] = [];
    for (let i = 0; i < 8; i++) {
      const [pause = 0] = await until('a pause', () =>
        clock.waiting.length > 0 ? clock.waiting : undefined,
      );
      pauses.push(pause);
      await clock.pass(pause);
    }
    assert.ok((pauses.at(-1) ?? 0) >= 5_000, String(pauses));
  });

  test('backs off up to once per minute while listing is forbidden', async () => {
    const clock = new FakeClock();
    const { server } = await reflect([refusal(403, 'Forbidden')], [STAY], clock);
    const pauses: number[] = [];
    for (let i = 0; i < 9; i++) {
      await until('a pause', () => (clock.waiting.length > 0 ? true : undefined));
      const [pause = 0] = clock.waiting;
      pauses.push(pause);
      await clock.pass(pause);
      await until('an attempt', () => (server.count('list') >= i + 2 ? true : undefined));
    }
    assert.ok((pauses[0] ?? 0) <= 500, String(pauses));
    assert.ok((pauses[8] ?? 0) >= 30_000 && (pauses[8] ?? 0) <= 60_000, String(pauses));
  });

  test('waits as long as Retry-After says', async () => {
    const { server } = await reflect(
      [list([], '1')],
      [refusal(429, 'TooManyRequests', { 'retry-after': '2' }), STAY],
    );
    await until('the second watch', () => (server.count('watch') > 1 ? true : undefined));
    const [first, second] = server.seen.filter(({ watch }) => watch);
    assert.ok((second?.at ?? 0) - (first?.at ?? 0) >= 1990);
    assert.equal(server.count('list'), 1);
  });

  test('does not loop tightly when every stream ends at once', async () => {
    const { server } = await reflect([list([], '1')], [stream([])]);
    await new Promise((resolve) => setTimeout(resolve, 3000));
    assert.ok(
      server.count('watch') >= 2 && server.count('watch') <= 6,
      `${server.count('watch')} watches in 3 s`,
    );
    assert.equal(server.count('list'), 1);
  });

  test('skips an object that cannot be read', async () => {
    const odd = { metadata: { name: 'odd', namespace: 'ns', uid: 5, resourceVersion: '1' } };
    const { sink, logged } = await reflect(
      [list([odd, item('a', '1')], '1')],
      [stream([change('ADDED', odd), change('ADDED', item('b', '2', '2'))], 'stay')],
    );
    await until('the others', () => (sink.now === 'ns/a=1 ns/b=2' ? true : undefined));
    assert.match(logged.join('\n'), /failed to read object .*ns\/odd/);
  });

  test('logs an unreadable object again after it was gone', async () => {
    const odd = { metadata: { name: 'odd', namespace: 'ns', uid: 5, resourceVersion: '1' } };
    const other = { metadata: { ...odd.metadata, name: 'other' } };
    const { sink, logged } = await reflect(
      [list([odd, other], '1'), list([item('a', '1')], '5'), list([other], '9')],
      [
        stream([change('DELETED', odd), change('ADDED', odd), change('MODIFIED', odd)]),
        refusal(410, 'Expired'),
        refusal(410, 'Expired'),
        STAY,
      ],
    );
    await until('the third list', () => (sink.lists === 3 ? true : undefined));
    const reports = (name: string): number =>
      logged.filter((line) => line.includes('failed to read object') && line.includes(name)).length;
    assert.deepEqual([reports('ns/odd'), reports('ns/other')], [2, 2]);
  });

  /** An object of more than 4 MiB. */
  const large = (name: string, version: string): object =>
    item(name, `uid-${name}`, version, { annotations: { a: 'x'.repeat(4 * 1024 * 1024) } });

  test('skips an oversized object in a list, logs it once, and keeps its last known state', async () => {
    const { sink, server, logged, observed } = await reflect(
      [
        list([item('big', 'uid-big', '1'), item('gone', '1')], '1'),
        list([item('a', '1'), large('big', '4'), item('b', '2')], '5', 'more'),
        list([large('other', '4')], '5'),
        list([item('a', '1'), large('big', '4')], '6'),
      ],
      [refusal(410, 'Expired'), refusal(410, 'Expired'), STAY],
    );
    await until('the third list', () => (sink.lists === 3 ? true : undefined));
    assert.deepEqual(sink.vanished, ['ns/gone', 'ns/b']);
    assert.equal(sink.now, 'ns/a=1 ns/big=uid-big');
    assert.equal(server.count('list'), 4);
    assert.equal(observed.filter((what) => what === 'skipped').length, 3);
    assert.equal(logged.length, 2, 'one line for each object');
    assert.match(logged[0] ?? '', /failed to read object .*"ns\/big".*TooLarge.*larger than 4 MiB/);
    assert.match(logged[1] ?? '', /failed to read object .*"ns\/other"/);
  });

  test('skips an oversized change, and resumes from its version', async () => {
    const { sink, server, logged, observed } = await reflect(
      [list([item('a', '1'), item('b', '2')], '1')],
      [
        stream([change('MODIFIED', large('a', '7'))]),
        stream([change('DELETED', large('b', '8')), change('ADDED', item('c', '3', '9'))], 'stay'),
      ],
    );
    await until('the change after it', () => (sink.now === 'ns/a=1 ns/c=3' ? true : undefined));
    assert.equal(server.count('list'), 1);
    assert.equal(server.seen.filter(({ watch }) => watch)[1]?.query.get('resourceVersion'), '7');
    assert.equal(observed.filter((what) => what === 'skipped').length, 1);
    assert.equal(logged.length, 1);
    assert.match(logged[0] ?? '', /failed to read object .*"ns\/a".*larger than 4 MiB/);
  });

  test('lists again after an oversized change without a version', async () => {
    const { sink, server } = await reflect(
      [list([item('a', '1')], '1'), list([item('a', '1'), item('b', '2')], '9')],
      [stream([change('ADDED', { metadata: { name: 'x' }, data: 'x'.repeat(4 * 1024 * 1024) })]), STAY],
    );
    await until('the second list', () => (sink.now === 'ns/a=1 ns/b=2' ? true : undefined));
    assert.equal(server.count('list'), 2);
  });

  test('requests the list in one response after its pages expired, and in pages the next time', async () => {
    const { sink, server, observed } = await reflect(
      [
        list([item('a', '1'), item('b', '2')], '1'),
        list([item('a', '1'), item('stale', '3')], '5', 'more'),
        refusal(410, 'Expired'),
        list([item('a', '1'), item('b', '2'), item('c', '4')], '6'),
        list([item('a', '1')], '7'),
      ],
      [refusal(410, 'Expired'), refusal(410, 'Expired'), STAY],
    );
    await until('the last list', () => (sink.lists === 3 ? true : undefined));
    assert.deepEqual(sink.vanished, ['ns/stale', 'ns/b', 'ns/c'], 'none from the incomplete list');
    const requests = server.of('list');
    const limits = requests.map(({ query }) =>
      `${query.get('limit') ?? 'all'} ${query.get('continue') ?? ''}`.trim(),
    );
    assert.deepEqual(limits, ['500', '500', '500 more', 'all', '500']);
    assert.deepEqual(
      observed.filter((what) => what.startsWith('list failed')),
      ['list failed: failed'],
    );
  });

  const cut: [string, Answer][] = [
    ['is cut', (response) => partOfList(response, 'cut')],
    ['ends early', (response) => partOfList(response, 'end')],
  ];
  for (const [what, fault] of cut) {
    test(`discards a list that ${what} within an object, and reports nothing as gone`, async () => {
      const { sink, observed } = await reflect(
        [list([item('a', '1'), item('b', '2')], '1'), fault, list([item('a', '1')], '6')],
        [refusal(410, 'Expired'), STAY],
      );
      await until('the third list', () => (sink.lists === 2 ? true : undefined));
      assert.deepEqual(sink.vanished, ['ns/b'], 'only the complete list reports it');
      assert.ok(observed.includes('list failed: failed'));
    });
  }

  test('keeps no large objects in memory', async () => {
    const count = 400;
    const pad = 'x'.repeat(100_000);
    const objects = Array.from({ length: count }, (_, index) =>
      item(`item-${index}`, `uid-${index}`, '1', { annotations: { pad: `${index} ${pad}` } }),
    );
    const metadata = { resourceVersion: '1' };
    const body = Buffer.from(JSON.stringify({ kind: 'List', metadata, items: objects }));
    objects.length = 0;
    const queue = new WorkQueue(systemClock, 1);
    const sealedSecrets = new SealedSecretSink({ queue, isSecretAt: () => false });
    const secrets = new SecretSink({ queue, hasSealedSecret: () => true, dropIfUpToDate: () => false });
    const keys = new KeySink(() => undefined);
    const server = new FaultyServer([(response) => response.end(body)], [STAY]);
    const { api, close } = apiOf(await server.start());
    const before = heapUsed();
    let seen = 0;
    await api.list(SECRET_METADATA, {}, (each) => {
      assert.ok(each.ok);
      for (const sink of [secrets, keys]) sink.seen(each.object);
      sealedSecrets.seen(storedSealedSecret(each.object), each.size);
      seen++;
    });
    const kept = heapUsed() - before;
    close();
    server.stop();
    assert.equal(seen, count);
    assert.equal([...sealedSecrets.known()].length, count);
    // Some whole objects wait for their reconcile.
    const waiting = 8 * 1024 * 1024;
    const each = Math.round((kept - waiting) / count);
    assert.ok(each < 5_000, `${each} bytes kept of each object of 100,000`);
  });
});

/** Sends an incomplete list. */
function partOfList(response: ServerResponse, then: 'cut' | 'end'): void {
  const text = JSON.stringify({
    kind: 'List',
    metadata: { resourceVersion: '5' },
    items: [item('a', '1'), item('b', '2')],
  });
  response.writeHead(200, { 'content-type': 'application/json' });
  const half = text.slice(0, text.length - 40);
  if (then === 'end') response.end(half);
  else response.write(half, () => response.destroy());
}

/** Returns the size of the heap after garbage collection, in bytes. */
function heapUsed(): number {
  setFlagsFromString('--expose-gc');
  for (let i = 0; i < 4; i++) runInNewContext('gc()');
  const { heapUsed: heap, external } = process.memoryUsage();
  return heap + external;
}
