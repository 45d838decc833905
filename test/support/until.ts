import { setTimeout as sleep } from 'node:timers/promises';

/**
 * Asks repeatedly until the answer is not undefined, and returns it. Throws after `timeout` ms, naming what never came;
 * by default that is long, since a slow machine is no defect.
 */
export async function until<T>(
  what: string,
  ask: () => Promise<T | undefined> | T | undefined,
  timeout = 60_000,
): Promise<T> {
  const end = Date.now() + timeout;
  for (;;) {
    const answer = await ask();
    if (answer !== undefined) return answer;
    if (Date.now() > end) throw new Error(`in ${timeout / 1000} s there was never: ${what}`);
    await sleep(50);
  }
}
