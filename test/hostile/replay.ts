import { setTimeout as sleep } from 'node:timers/promises';
import { Arena, type SharedSetup, type Measurements } from './arena.ts';
import type { Attack } from './attack.ts';

/** Bounds that hold under every attack. */
const MEMORY_MIB = 400;
const NEIGHBOUR_MS = 2_000;
const STOP_MS = 10_000;
/** How long one attack may take, in ms. */
const TIMEOUT = 120_000;
/** How long after the start of an attack to send SIGTERM, in ms. */
const SIGTERM_DELAY = 300;

/** The outcome of an attack, and a line that reports it. */
export interface Outcome {
  readonly passed: boolean;
  readonly line: string;
}

/** Replays one attack on its own controllers, and checks the bounds. */
export async function replay(attack: Attack, setup: SharedSetup): Promise<Outcome> {
  const arena = new Arena(setup);
  try {
    return await (attack.ofCommandLine ? onCommandLine(attack, arena) : onController(attack, arena));
  } finally {
    await arena.close();
  }
}

async function onCommandLine(attack: Attack, arena: Arena): Promise<Outcome> {
  const { happened, problems } = await attempt(() => attack.run(arena));
  return outcome(attack, [happened], problems);
}

async function onController(attack: Attack, arena: Arena): Promise<Outcome> {
  let stopTime = Number.NaN;
  const { happened, problems } = await attempt(async () => {
    await arena.start();
    const happened = await attack.run(arena);
    await arena.pauseNeighbour();
    return happened;
  });
  const stopping = await attempt(async () => {
    await attack.putUnderLoad?.(arena);
    await sleep(SIGTERM_DELAY);
    if (!arena.controller.isRunning) throw new Error('the controller ended by itself');
    stopTime = await arena.stop();
    return '';
  });
  await arena.stop();
  problems.push(...stopping.problems, ...exceededBounds(arena.measurements, stopTime));
  if (arena.killed > 0) problems.push(`the kernel killed ${arena.killed} processes`);
  return outcome(attack, [happened, ...figures(arena.measurements, stopTime)], problems);
}

interface Attempt {
  readonly happened: string;
  readonly problems: string[];
}

async function attempt(action: () => Promise<string>): Promise<Attempt> {
  const finished = new AbortController();
  const timeout = sleep(TIMEOUT, undefined, { signal: finished.signal }).then(() => {
    throw new Error(`it took longer than ${TIMEOUT / 1000} s`);
  });
  try {
    return { happened: await Promise.race([action(), timeout]), problems: [] };
  } catch (error) {
    return { happened: '', problems: [error instanceof Error ? error.message : String(error)] };
  } finally {
    timeout.catch(() => undefined);
    finished.abort();
  }
}

function exceededBounds({ memory, longestWait }: Measurements, stopTime: number): string[] {
  return [
    memory >= MEMORY_MIB ? `memory: at least ${MEMORY_MIB} MiB` : '',
    longestWait > NEIGHBOUR_MS ? `a neighbour waited for more than ${NEIGHBOUR_MS / 1000} s` : '',
    stopTime > STOP_MS ? `SIGTERM: not ended within ${STOP_MS / 1000} s` : '',
  ].filter((problem) => problem !== '');
}

function figures({ memory, longestWait, waits }: Measurements, stopTime: number): string[] {
  return [
    `${memory.toFixed(0)} MiB`,
    `neighbour ${(longestWait / 1000).toFixed(2)} s of ${waits}`,
    `SIGTERM ${(stopTime / 1000).toFixed(2)} s`,
  ];
}

function outcome({ name }: Attack, parts: readonly string[], problems: readonly string[]): Outcome {
  const passed = problems.length === 0;
  const summary = parts.filter((part) => part !== '').join('; ');
  // A message may contain the whole log of a controller.
  const short = problems.map((problem) => problem.replaceAll('\n', ' ').slice(0, 400));
  return {
    passed,
    line: `${passed ? 'ok    ' : 'FAILED'} ${name}: ${summary}${passed ? '' : ` [${short.join('; ')}]`}`,
  };
}
