import { readFileSync } from 'node:fs';

/**
 * Loaded with `--import` into a program under test; steps its wall clock at run time. On SIGUSR2 it reads the clock's
 * offset, in ms, from the file named by `CLOCK_FILE`. `performance.now()` and timers keep the true time, as under a
 * real step.
 */

const file = process.env['CLOCK_FILE'] ?? '';
let off = 0;
let steps = 0;

globalThis.Date = new Proxy(Date, {
  apply: (date) => new date(date.now() + off).toString(),
  construct: (date, args: unknown[], target): object =>
    Object(Reflect.construct(date, args.length === 0 ? [date.now() + off] : args, target)) as object,
  get: (date, name): unknown => (name === 'now' ? () => date.now() + off : Reflect.get(date, name)),
});

process.on('SIGUSR2', () => {
  off = Number(readFileSync(file, 'utf8'));
  process.stderr.write(`clock step ${++steps}: ${new Date().toISOString()}\n`);
});
