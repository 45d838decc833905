import assert from 'node:assert/strict';
import { IncomingMessage } from 'node:http';
import { Socket } from 'node:net';
import { suite, test } from 'node:test';
import { metricsEndpoint } from '../../../controller/server/metrics.ts';
import { NEVER } from '../../../shared/clock.ts';
import { FakeClock } from '../../support/fake-clock.ts';

suite('the metrics endpoint', () => {
  test('shares a page while it is rendered, and then for ten times as long, whether or not clients read it', async () => {
    const clock = new FakeClock();
    let made = 0;
    const exposition = async (): Promise<string> => {
      const page = `page ${++made}`;
      await clock.sleep(100, NEVER);
      return page;
    };
    const endpoint = metricsEndpoint({ contentType: 'text/plain', exposition }, clock);
    const read = async (): Promise<string | Buffer> => {
      const request = new IncomingMessage(new Socket());
      return (await endpoint.answer({ request, signal: NEVER, proceed: () => undefined })).body;
    };
    const first = read();
    await clock.pass(50);
    const second = read();
    await clock.pass(50);
    assert.equal(await first, await second);
    await clock.pass(900);
    assert.equal(await read(), await first);
    assert.equal(made, 1);
    await clock.pass(100);
    const later = read();
    await clock.pass(100);
    assert.equal(String(await later), 'page 2');
  });

  test('renders a new page after one that failed', async () => {
    const clock = new FakeClock();
    let tries = 0;
    const exposition = (): Promise<string> =>
      ++tries === 1 ? Promise.reject(new Error('broken')) : Promise.resolve('page');
    const endpoint = metricsEndpoint({ contentType: 'text/plain', exposition }, clock);
    const request = new IncomingMessage(new Socket());
    const context = { request, signal: NEVER, proceed: () => undefined };
    await assert.rejects(async () => endpoint.answer(context), /broken/);
    assert.equal(String((await endpoint.answer(context)).body), 'page');
  });
});
