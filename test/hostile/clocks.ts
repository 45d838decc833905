import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { post } from '../support/ask.ts';
import { until } from '../control-plane/until.ts';
import type { Arena } from './arena.ts';
import type { Attack } from './attack.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const SHIFTS = [
  ['an hour back', -HOUR],
  ['a day back', -DAY],
  ['ten years ahead', 3_653 * DAY],
  ['right again', 0],
] as const;
/** How long each shift lasts, in ms. */
const SHIFT_TIME = 3_000;
const PRELOAD = new URL('../support/stepping-date.js', import.meta.url).href;

/** Restarts the controller with a clock that can be set. Returns a function that shifts the clock, in ms. */
async function startWithSettableClock(arena: Arena): Promise<(shift: number) => Promise<void>> {
  const file = join(arena.installation.plane.folder, 'clock-shift');
  await arena.restart({ preload: PRELOAD, env: { CLOCK_FILE: file } });
  let steps = 0;
  return async (shift) => {
    writeFileSync(file, String(shift));
    arena.controller.signal('SIGUSR2');
    await arena.controller.logged(`clock step ${++steps}: `);
  };
}

export const CLOCK: Attack = {
  name: 'a clock that is set back and ahead',
  async run(arena) {
    const set = await startWithSettableClock(arena);
    const namespace = await arena.namespace('posted');
    const body = await arena.sealed({ namespace, name: 'good' }, { a: 'one' });
    const url = `${await arena.controller.url()}/v1/verify`;
    for (const [name, shift] of SHIFTS) {
      await set(shift);
      await sleep(SHIFT_TIME);
      // Ten years ahead the certificate has expired. The controller checks within a minute, and creates a new key.
      await until(`readiness ${name}`, async () => (await arena.readiness()) === 200 || undefined, 75_000);
      assert.equal((await post(url, body)).status, 200, `${name}: a request is not answered`);
    }
    return `ready and answering: ${SHIFTS.map(([name]) => name).join(', ')}`;
  },
  async putUnderLoad(arena) {
    const set = await startWithSettableClock(arena);
    await set(-DAY);
  },
};
