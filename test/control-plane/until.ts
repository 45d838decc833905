import { setTimeout as sleep } from 'node:timers/promises';

/**
 * Calls the function repeatedly until it returns a value other than undefined, and returns that value. Throws after
 * `timeout` ms with a message that names what was awaited. The default is long, since a slow machine is not a defect.
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
    if (Date.now() > end) throw new Error(`timed out after ${timeout / 1000} s waiting for ${what}`);
    await sleep(50);
  }
}
