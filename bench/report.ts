import { cpus, totalmem } from 'node:os';
import { median, ratio, type Measured } from './measure.ts';
import type { Workload } from './workloads.ts';

/** A row of the table. */
export interface Row {
  readonly name: string;
  readonly measured: Measured;
}

/** The contents of a table. */
export interface Table {
  readonly workload: Pick<Workload, 'name'>;
  /** The row that every other one is compared to. */
  readonly yardstick: Row;
  readonly reference: Row | undefined;
  readonly rows: readonly Row[];
}

/** Returns a Markdown table: the rows with their ratios to the baseline, and to the reference if there is one. */
export function table({ workload, yardstick, reference, rows }: Table): string {
  const all = [yardstick, ...(reference ? [reference] : []), ...rows];
  const head = ['', 'min ms', 'median ms', 'max ms', 'peak MiB', `÷ ${yardstick.name}`];
  const lines = all.map(({ name, measured }) => [
    name,
    ...[Math.min(...measured.wall), median(measured.wall), Math.max(...measured.wall)].map(milliseconds),
    measured.peak?.toFixed(0) ?? '',
    ratio(measured, yardstick.measured).toFixed(2),
    ...(reference ? [ratio(measured, reference.measured).toFixed(2)] : []),
  ]);
  const cells = [[...head, ...(reference ? ['÷ reference'] : [])], ...lines];
  const [first = [], ...rest] = cells.map((row) => `| ${row.join(' | ')} |`);
  return [`### ${workload.name}`, '', first, `|${' --- |'.repeat(cells[0]?.length ?? 0)}`, ...rest]
    .flat()
    .join('\n');
}

function milliseconds(value: number): string {
  return value.toFixed(value < 100 ? 1 : 0);
}

/** Describes the machine that the figures are from. */
export function machine(): string {
  const [cpu] = cpus();
  const memory = Math.round(totalmem() / 2 ** 30);
  const model = cpu?.model.trim() ?? 'unknown processor';
  return `${cpus().length} cores (${model}), ${memory} GiB, ${process.platform} ${process.arch}, Node ${process.version}`;
}
