import assert from 'node:assert/strict';
import { afterEach, suite, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { Api, type Listed } from '../../../../shared/kubernetes/api/api.ts';
import { SECRETS } from '../../../../shared/kubernetes/api/kinds.ts';
import { Transport } from '../../../../shared/kubernetes/http/transport.ts';
import { FaultyServer, item, list, type Answer } from '../../../support/faulty-server.ts';

let cleanup: (() => void) | undefined;
afterEach(() => cleanup?.());

/** Lists Secrets from a scripted server. Returns their names, or why one cannot be parsed. */
async function listed(answers: readonly Answer[], timeout?: number): Promise<string[]> {
  const server = new FaultyServer(answers, []);
  const access = (): Promise<{ tls: object; headers: Record<string, string> }> =>
    Promise.resolve({ tls: {}, headers: {} });
  const connection = { server: await server.start(), namespace: undefined, access };
  const transport = new Transport(timeout === undefined ? connection : { ...connection, timeout });
  cleanup = () => {
    transport.close();
    server.stop();
  };
  const names: string[] = [];
  const visit = (each: Listed<{ metadata: { name: string } }>): void => {
    names.push(each.ok ? each.object.metadata.name : `${each.ref.name}: ${each.failure.code}`);
  };
  assert.equal(await new Api(transport).list(SECRETS, {}, visit), '9');
  return names;
}

suite('a list', () => {
  test('may take longer than the time limit of a request, as long as data arrives', async () => {
    const text = JSON.stringify({
      kind: 'SecretList',
      metadata: { resourceVersion: '9' },
      items: [item('a', '1'), item('b', '2')],
    });
    const slow: Answer = (response) =>
      void (async () => {
        for (let at = 0; at < text.length; at += 8) {
          response.write(text.slice(at, at + 8));
          await sleep(200);
        }
        response.end();
      })();
    assert.deepEqual(await listed([slow], 3_500), ['a', 'b']);
  });

  test('of many pages over one connection leaves no listeners on it', async () => {
    const warnings: string[] = [];
    const warned = (warning: Error): void => void warnings.push(warning.message);
    process.on('warning', warned);
    const pages = Array.from({ length: 30 }, (_, index) =>
      list([item(`${index}`, '1')], '9', index < 29 ? 'more' : ''),
    );
    assert.equal((await listed(pages)).length, 30);
    // Node emits warnings in the next turn of the event loop.
    await sleep(0);
    process.off('warning', warned);
    assert.deepEqual(warnings, []);
  });

  test('skips a Secret of more than 4 MiB whose name comes last', async () => {
    const large = { data: { a: 'A'.repeat(4 * 1024 * 1024) }, ...item('large', '2') };
    assert.deepEqual(await listed([list([item('a', '1'), large, item('b', '3')], '9')]), [
      'a',
      'large: TooLarge',
      'b',
    ]);
  });

  test('reports objects that are nested 100,000 levels deep one by one', async () => {
    const depth = 100_000;
    const deep = `{"metadata":{"name":"deep","uid":"1","resourceVersion":"1"},"x":${'['.repeat(depth)}${']'.repeat(depth)}}`;
    const answer: Answer = (response) =>
      response.end(`{"kind":"SecretList","metadata":{"resourceVersion":"9"},"items":[${deep}]}`);
    assert.deepEqual(await listed([answer]), ['deep']);
  });
});
