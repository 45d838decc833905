import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A program and its arguments. */
export type Command = readonly [string, ...string[]];

/** The measurements of a command, by run. */
export interface Measured {
  /** The duration of each process, in ms. */
  readonly wall: readonly number[];
  /** The peak memory, in MiB; undefined if GNU time, which measures it, is not installed. */
  readonly peak: number | undefined;
}

/**
 * Runs the commands in turn, so that drift of the machine's speed affects all of them, after one warm-up run of each.
 * Throws if a run fails.
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
  const { status, error, stderr } = spawnSync(program, args, {
    stdio: ['ignore', 'ignore', 'pipe'],
    encoding: 'utf8',
  });
  if (error) throw error;
  if (status !== 0) throw new Error(`${program} ${args.join(' ')} ended with ${String(status)}: ${stderr}`);
}

const GNU_TIME = '/usr/bin/time';

/** Measures the peak memory in a separate run. Node's own figure for a child is never less than Node's own memory. */
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

/** Returns the median of at least one value. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const upper = sorted[sorted.length >> 1] ?? Number.NaN;
  const lower = sorted[(sorted.length - 1) >> 1] ?? Number.NaN;
  return (lower + upper) / 2;
}

/** Returns how many times longer one takes than the other: the median over pairs of runs. */
export function ratio(one: Measured, other: Measured): number {
  return median(one.wall.map((wall, run) => wall / (other.wall[run] ?? Number.NaN)));
}
