import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export type Command = readonly [string, ...string[]];

/** What a command took, run by run. */
export interface Measured {
  /** Milliseconds from the start of the process to its end. */
  readonly wall: readonly number[];
  /** The largest memory it had at once, in MiB; undefined where GNU time, which tells it, is not there. */
  readonly peak: number | undefined;
}

/**
 * Runs commands in turn, so that a machine whose speed drifts slows them all, each once before it counts. Throws where
 * one fails.
 */
export function measure(commands: readonly Command[], runs: number): Measured[] {
  const walls = commands.map((): number[] => []);
  for (let run = -1; run < runs; run++) {
    for (const [index, command] of commands.entries()) {
      const wall = timed(command);
      if (run >= 0) walls[index]?.push(wall);
    }
  }
  return commands.map((command, index) => ({ wall: walls[index] ?? [], peak: peakOf(command) }));
}

function timed(command: Command): number {
  const start = process.hrtime.bigint();
  runOnce(command);
  return Number(process.hrtime.bigint() - start) / 1e6;
}

function runOnce([program, ...args]: Command): void {
  const { status, error } = spawnSync(program, args, { stdio: ['ignore', 'ignore', 'inherit'] });
  if (error) throw error;
  if (status !== 0) throw new Error(`${program} ${args.join(' ')} ended with ${String(status)}`);
}

const GNU_TIME = '/usr/bin/time';

/** In a run of its own. What Node can tell of a child is never less than what Node itself has. */
function peakOf(command: Command): number | undefined {
  if (!existsSync(GNU_TIME) || process.platform !== 'linux') return undefined;
  const work = mkdtempSync(join(tmpdir(), 'sealed-secrets-bench-'));
  try {
    const file = join(work, 'peak');
    runOnce([GNU_TIME, '--format', '%M', '--output', file, ...command]);
    return Number(readFileSync(file, 'utf8')) / 1024;
  } finally {
    rmSync(work, { recursive: true });
  }
}

/** Of an odd or even number of values, at least one. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const upper = sorted[sorted.length >> 1] ?? Number.NaN;
  const lower = sorted[(sorted.length - 1) >> 1] ?? Number.NaN;
  return (lower + upper) / 2;
}

/** How often longer one takes than another: the median over their runs, pair by pair. */
export function ratio(one: Measured, other: Measured): number {
  return median(one.wall.map((wall, run) => wall / (other.wall[run] ?? Number.NaN)));
}
