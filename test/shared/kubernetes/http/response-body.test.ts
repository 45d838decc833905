import assert from 'node:assert/strict';
import { createServer, get, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { suite, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { chunksOf, readRefusal, wholeBody } from '../../../../shared/kubernetes/http/response-body.ts';

/** Calls `read` with the body that a server writes. */
async function withBody<T>(
  write: (response: ServerResponse) => unknown,
  read: (body: IncomingMessage) => Promise<T>,
): Promise<T> {
  const server = createServer((_, response) => void write(response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const body = await new Promise<IncomingMessage>((resolve, reject) => {
    // Destroying the body destroys its request, too.
    get({ host: '127.0.0.1', port }, resolve).on('error', reject);
  });
  try {
    return await read(body);
  } finally {
    server.closeAllConnections();
    server.close();
  }
}

async function textOf(body: IncomingMessage, stall: number): Promise<string> {
  let text = '';
  for await (const chunk of chunksOf(body, stall)) text += chunk.toString();
  return text;
}

suite('the chunks of a body', () => {
  test('arrive as long as data flows, far beyond the time limit of one chunk', async () => {
    const text = await withBody(
      async (response) => {
        for (let i = 0; i < 30; i++) {
          response.write('x');
          await sleep(100);
        }
        response.end('y');
      },
      (body) => textOf(body, 2_500),
    );
    assert.equal(text, `${'x'.repeat(30)}y`);
  });

  test('end with an error if none arrives for too long', async () => {
    const read = withBody(
      (response) => response.write('x'),
      (body) => textOf(body, 200),
    );
    await assert.rejects(read, { code: 'ETIMEDOUT' });
  });

  test('do not end while the reader is slow', async () => {
    const count = await withBody(
      (response) => response.end('x'.repeat(1_000_000)),
      async (body) => {
        let size = 0;
        for await (const chunk of chunksOf(body, 2_000)) {
          if (size === 0) await sleep(3_000);
          size += chunk.length;
        }
        return size;
      },
    );
    assert.equal(count, 1_000_000);
  });

  test('are not read further once the reader stops', async () => {
    const destroyed = await withBody(
      (response) => response.write('x'),
      async (body) => {
        for await (const chunk of chunksOf(body, 60_000)) {
          assert.equal(chunk.toString(), 'x');
          break;
        }
        return body.destroyed;
      },
    );
    assert.equal(destroyed, true);
  });
});

suite('a whole body', () => {
  test('is read up to its limit', async () => {
    const bytes = await withBody(
      (response) => response.end('x'.repeat(1_000_000)),
      (body) => wholeBody(body, 1_000_000),
    );
    assert.equal(bytes?.length, 1_000_000);
  });

  test('is destroyed beyond its limit, although it goes on', async () => {
    const [bytes, destroyed] = await withBody(
      (response) => response.write('xx'),
      async (body) => [await wholeBody(body, 1), body.destroyed],
    );
    assert.deepEqual([bytes, destroyed], [undefined, true]);
  });

  test('fails if the connection ends early', async () => {
    const read = withBody(
      (response) => {
        response.write('x');
        setTimeout(() => response.destroy(), 10);
      },
      (body) => wholeBody(body, 10),
    );
    await assert.rejects(read, { code: 'ECONNRESET' });
  });

  test('fails if the reader destroys it', async () => {
    const read = withBody(
      (response) => response.write('x'),
      (body) => {
        const bytes = wholeBody(body, 10);
        body.destroy();
        return bytes;
      },
    );
    await assert.rejects(read);
  });
});

suite('the body of an error response', () => {
  const bodies: [string, string, unknown][] = [
    ['is parsed', '{"reason":"Expired"}', { reason: 'Expired' }],
    ['is left out where it is not JSON', '<html>', undefined],
    ['is left out beyond 1 MiB', JSON.stringify('x'.repeat(1024 * 1024)), undefined],
  ];
  for (const [what, text, wanted] of bodies) {
    test(what, async () => {
      const read = await withBody(
        (response) => response.end(text),
        (body) => readRefusal(body, 30_000),
      );
      assert.deepEqual(read, wanted);
    });
  }
});
