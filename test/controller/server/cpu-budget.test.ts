import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import type { Client } from '../../../controller/server/client.ts';
import { HttpCpuBudget } from '../../../controller/server/cpu-budget.ts';
import { FakeClock } from '../../support/fake-clock.ts';

const NEVER = new AbortController().signal;
const soon = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
const client = (peer = 'a', forwardedFor = ''): Client => ({ peer, forwardedFor });

suite('the CPU budget of requests', () => {
  test('runs one piece of work at a time, in order for one client', async () => {
    const cpu = new HttpCpuBudget(new FakeClock());
    const done: number[] = [];
    let running = 0;
    await Promise.all(
      [1, 2, 3, 4].map((index) =>
        cpu.run(
          client(),
          async () => {
            assert.equal(++running, 1);
            await soon();
            running--;
            done.push(index);
          },
          NEVER,
        ),
      ),
    );
    assert.deepEqual(done, [1, 2, 3, 4]);
  });

  test('pauses for as long as the work took', async () => {
    const clock = new FakeClock();
    const cpu = new HttpCpuBudget(clock);
    const began: number[] = [];
    const start = clock.elapsed();
    const work = async (): Promise<void> => {
      began.push(clock.elapsed() - start);
      await clock.sleep(100, NEVER);
    };
    const all = Promise.all([1, 2, 3].map(() => cpu.run(client(), work, NEVER)));
    await soon();
    for (let passed = 0; passed < 600; passed += 10) {
      await clock.pass(10);
      await soon();
    }
    await all;
    assert.deepEqual(began, [0, 200, 400]);
  });

  test('continues after work that fails', async () => {
    const cpu = new HttpCpuBudget(new FakeClock());
    await assert.rejects(
      cpu.run(client(), () => Promise.reject(new Error('broken')), NEVER),
      /broken/,
    );
    assert.equal(await cpu.run(client(), () => Promise.resolve(1), NEVER), 1);
  });

  test('alternates between peers, and between the clients behind each', async () => {
    const cpu = new HttpCpuBudget(new FakeClock());
    const done: string[] = [];
    const run = (peer: string, forwardedFor: string): Promise<void> =>
      cpu.run(
        client(peer, forwardedFor),
        async () => {
          await soon();
          done.push(peer + forwardedFor);
        },
        NEVER,
      );
    const all = [run('x', ''), ...Array.from({ length: 4 }, (_, index) => run('a', String(index)))];
    all.push(run('a', '0'), run('a', '0'), run('b', '1'), run('b', '2'));
    await Promise.all(all);
    assert.deepEqual(done, ['x', 'a0', 'b1', 'a1', 'b2', 'a2', 'a3', 'a0', 'a0']);
  });

  test('rejects waiting work immediately when it is aborted, and never runs it', async () => {
    const cpu = new HttpCpuBudget(new FakeClock());
    let end = (): void => undefined;
    const running = cpu.run(client(), () => new Promise<void>((resolve) => (end = resolve)), NEVER);
    const leaving = new AbortController();
    let ran = false;
    const waiting = cpu.run(client(), () => Promise.resolve((ran = true)), leaving.signal);
    leaving.abort();
    await assert.rejects(waiting, { name: 'AbortError' });
    end();
    await running;
    assert.equal(await cpu.run(client(), () => Promise.resolve(1), NEVER), 1);
    assert.equal(ran, false);
  });
});
