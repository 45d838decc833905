import assert from 'node:assert/strict';
import { IncomingMessage } from 'node:http';
import { Socket } from 'node:net';
import { suite, test } from 'node:test';
import { exposing } from '../../../controller/http/metrics.ts';
import { FakeClock } from '../../support/fake-clock.ts';

suite('the page of metrics', () => {
  test('is shared while it is being read, for a second, and else made for each reader', async () => {
    const clock = new FakeClock();
    let made = 0;
    const exposition = (): Promise<string> => Promise.resolve(`page ${++made}`);
    const endpoint = exposing({ contentType: 'text/plain', exposition }, clock);
    const read = async (): Promise<{ page: string | Buffer; done: () => void }> => {
      const over = new AbortController();
      const request = new IncomingMessage(new Socket());
      const context = { request, signal: over.signal, proceed: () => undefined };
      const { body } = await endpoint.answer(context);
      return { page: body, done: () => over.abort() };
    };
    const first = await read();
    const second = await read();
    assert.equal(first.page, second.page);
    first.done();
    await clock.pass(900);
    assert.equal((await read()).page, second.page);
    await clock.pass(200);
    const later = await read();
    assert.equal(String(later.page), 'page 2');
    later.done();
    assert.equal(String((await read()).page), 'page 3');
  });
});
