import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import type { Request, Response } from '../../../web/model/protocol.ts';
import type { Pasted, Recognized } from '../../../web/model/types.ts';
import { WorkerModel, type WorkerEvents } from '../../../web/view/worker-model.ts';
import { FakeClock } from '../../support/fake-clock.ts';

const DEADLINE = 30_000;
const FILE: Pasted = { bytes: new Uint8Array(), fileName: undefined };
const SECRETS: Recognized = { kind: 'secrets', objects: [] };

/** A worker that does what a test tells it. */
interface ScriptedWorker {
  readonly requests: Request[];
  readonly events: WorkerEvents;
  ended: boolean;
}

function start(): { model: WorkerModel; clock: FakeClock; workers: ScriptedWorker[] } {
  const clock = new FakeClock();
  const workers: ScriptedWorker[] = [];
  const model = new WorkerModel({
    clock,
    deadline: DEADLINE,
    start(events) {
      const worker: ScriptedWorker = { requests: [], events, ended: false };
      workers.push(worker);
      return {
        postMessage: (request) => worker.requests.push(request),
        terminate: () => (worker.ended = true),
      };
    },
  });
  return { model, clock, workers };
}

function answer(worker: ScriptedWorker | undefined, index: number, recognized: Recognized): void {
  const request = worker?.requests[index];
  assert.ok(worker && request);
  worker.events.onResponse({ id: request.id, operation: 'recognize', answer: recognized });
}

suite('the model in a worker', () => {
  test('starts one worker with the first request, and matches the answers by their id', async () => {
    const { model, workers } = start();
    assert.equal(workers.length, 0);
    const [first, second] = [model.recognize(FILE), model.recognize(FILE)];
    answer(workers[0], 1, { kind: 'sealed', objects: [] });
    answer(workers[0], 0, SECRETS);
    assert.deepEqual(await first, SECRETS);
    assert.deepEqual(await second, { kind: 'sealed', objects: [] });
    assert.equal(workers.length, 1);
  });

  test('ends with its worker when an answer takes too long, and starts another for the next request', async () => {
    const { model, clock, workers } = start();
    const slow = assert.rejects(model.recognize(FILE), { reason: 'deadline' });
    await clock.pass(DEADLINE - 1);
    assert.equal(workers[0]?.ended, false);
    await clock.pass(1);
    await slow;
    assert.equal(workers[0].ended, true);
    const next = model.recognize(FILE);
    answer(workers[1], 0, SECRETS);
    assert.deepEqual(await next, SECRETS);
  });

  test('does not end a worker that has answered in time', async () => {
    const { model, clock, workers } = start();
    const answered = model.recognize(FILE);
    answer(workers[0], 0, SECRETS);
    await answered;
    assert.deepEqual(clock.waiting, []);
    await clock.pass(DEADLINE);
    assert.equal(workers[0]?.ended, false);
  });

  test('gives no answer after it was ended, and takes none', async () => {
    const { model, workers } = start();
    const ended = assert.rejects(model.recognize(FILE), { name: 'UnansweredError', reason: 'ended' });
    model.end();
    await ended;
    assert.equal(workers[0]?.ended, true);
    answer(workers[0], 0, SECRETS);
  });

  test('says that its worker broke', async () => {
    const { model, workers } = start();
    const broken = assert.rejects(model.recognize(FILE), { reason: 'broken' });
    workers[0]?.events.onBroken();
    await broken;
  });

  test('is not ended by a worker of before', async () => {
    const { model, workers } = start();
    const ended = assert.rejects(model.recognize(FILE), { reason: 'ended' });
    model.end();
    await ended;
    const next = model.recognize(FILE);
    workers[0]?.events.onBroken();
    answer(workers[1], 0, SECRETS);
    assert.deepEqual(await next, SECRETS);
  });

  test('refuses an answer to another question', async () => {
    const { model, workers } = start();
    const wrong = assert.rejects(model.recognize(FILE), { reason: 'broken' });
    const id = workers[0]?.requests[0]?.id ?? 0;
    const response: Response = { id, operation: 'plan', answer: { targets: [], messages: [] } };
    workers[0]?.events.onResponse(response);
    await wrong;
  });
});
