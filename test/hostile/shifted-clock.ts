import { readFileSync } from 'node:fs';

/**
 * Loaded before the controller: its wall clock is off by as many ms as the file says that this variable names. Timers and
 * the monotonic clock go on as they are, as when an administrator sets a machine's clock.
 */
export const SHIFT_VARIABLE = 'CLOCK_SHIFT_FILE';

const file = process.env[SHIFT_VARIABLE];
if (file !== undefined) {
  const { now } = Date;
  const shifted = (): number => now() + Number(readFileSync(file, 'utf8'));
  globalThis.Date = new Proxy(Date, {
    construct(target, values: unknown[], newTarget): object {
      const all = values.length === 0 ? [shifted()] : values;
      const made: unknown = Reflect.construct(target, all, newTarget);
      return made instanceof target ? made : new target(Number.NaN);
    },
    get(target, property, receiver): unknown {
      return property === 'now' ? shifted : Reflect.get(target, property, receiver);
    },
  });
}
