import assert from 'node:assert/strict';
import { IncomingMessage } from 'node:http';
import { Socket } from 'node:net';
import { suite, test } from 'node:test';
import { ARRIVING_BODIES } from '../../../controller/server/body.ts';
import { ByteBudget } from '../../../controller/server/byte-budget.ts';
import { ConcurrencyLimit } from '../../../controller/server/concurrency-limit.ts';
import { postHandler } from '../../../controller/server/post.ts';
import { ClientLimit } from '../../../controller/server/rate-limit.ts';
import { empty } from '../../../controller/server/reply.ts';
import { Keyring } from '../../../shared/seal/keyring.ts';
import { FakeClock } from '../../support/fake-clock.ts';
import { sealingPair } from '../../support/keys.ts';

const { key } = await sealingPair();
const silent = { info: () => undefined, warn: () => undefined, error: () => undefined };

suite('the slot of a request', () => {
  test('is held until the client has read the answer or the time is up', async () => {
    const clock = new FakeClock();
    const keyring = new Keyring([key]);
    const endpoint = postHandler(
      '/v1/verify',
      {
        decrypterFor: () => keyring,
        limit: new ClientLimit(clock, { perSecond: 0, burst: 0 }),
        arriving: new ByteBudget(ARRIVING_BODIES),
        concurrency: new ConcurrencyLimit(),
        parser: { parse: () => Promise.resolve(null), close: () => undefined },
        serves: () => true,
        clock,
        log: silent,
      },
      () => Promise.resolve(empty(200)),
    );
    const posted = async (): Promise<{ status: number; over: AbortController }> => {
      const over = new AbortController();
      const request = new IncomingMessage(new Socket());
      request.push('x');
      request.push(null);
      const { status } = await endpoint.answer({ request, signal: over.signal, proceed: () => undefined });
      return { status, over };
    };
    const answered = [];
    for (let index = 0; index < 5; index++) answered.push(await posted());
    assert.deepEqual(
      answered.map(({ status }) => status),
      [400, 400, 400, 400, 429],
    );
    answered[0]?.over.abort();
    assert.equal((await posted()).status, 400);
    assert.equal((await posted()).status, 429);
  });
});
