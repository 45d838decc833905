import assert from 'node:assert/strict';
import { after, before, suite, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { Arena, TIMING, type Contestant } from '../contend/arena.ts';

let arena: Arena;

before(async () => {
  arena = await Arena.start();
});
after(async () => {
  await arena.stop();
});

const FAULTS = {
  'is paused': {
    start: ({ process }: Contestant): void => process.signal('SIGSTOP'),
    end: ({ process }: Contestant): void => process.signal('SIGCONT'),
  },
  'is cut off': {
    start: ({ relay }: Contestant): void => void (relay.mode = 'lose'),
    end: ({ relay }: Contestant): void => void (relay.mode = 'pass'),
  },
};

suite('two contenders with the leader election of client-go', () => {
  let contestants: Contestant[];

  test('elect one', async () => {
    contestants = [await arena.startContender('go-1'), await arena.startContender('go-2')];
    await arena.writer(contestants);
    assert.deepEqual((await arena.verdict()).problems, []);
  });

  for (const [fault, { start, end }] of Object.entries(FAULTS)) {
    for (const turn of [1, 2]) {
      test(`never write in the same term when the leader ${fault}, ${turn}`, async (t) => {
        const leader = await arena.writer(contestants);
        const others = contestants.filter((each) => each !== leader);
        start(leader);
        await arena.writer(others);
        end(leader);
        await arena.asked(leader, 5);
        const { terms, problems } = await arena.verdict();
        t.diagnostic(JSON.stringify(terms.at(-1)));
        assert.deepEqual(problems, []);
      });
    }
  }

  test('never write in the same term after the API server has refused all requests', async () => {
    for (const { relay } of contestants) relay.mode = 'refuse';
    await sleep(TIMING.outage * 1000);
    for (const { relay } of contestants) relay.mode = 'pass';
    await arena.writer(contestants);
    assert.deepEqual((await arena.verdict()).problems, []);
  });
});
