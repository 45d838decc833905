import { setTimeout as sleep } from 'node:timers/promises';

/** Asks again and again until the answer is not undefined; fails after a while, naming what never came. */
export async function until<T>(
  what: string,
  ask: () => Promise<T | undefined> | T | undefined,
  timeout = 30_000,
): Promise<T> {
  const end = Date.now() + timeout;
  for (;;) {
    const answer = await ask();
    if (answer !== undefined) return answer;
    if (Date.now() > end) throw new Error(`in ${timeout / 1000} s there was never: ${what}`);
    await sleep(50);
  }
}
