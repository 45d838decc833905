/**
 * Benchmarks kubeseal as whole processes: the bundle for Node, the single file, and, if `KUBESEAL_REFERENCE` is set,
 * the kubeseal at that path. Prints Markdown; `--write` writes it into docs/performance.md instead.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { NODE_ENTRY } from '../build/package.ts';
import { binaryPath, thisMachine } from '../build/targets.ts';
import { certificatePem } from '../test/support/vectors.ts';
import { continueOnImageNode } from './image-node.ts';
import { measure, type Command } from './measure.ts';
import { writePage } from './page.ts';
import { machine, table, type Row } from './report.ts';
import { treeFigures } from './tree.ts';
import { WORKLOADS, type Workload } from './workloads.ts';

const MARKS = { start: '<!-- figures: npm run bench -- --write -->', end: '<!-- end of figures -->' };

await continueOnImageNode();
const work = mkdtempSync(join(tmpdir(), 'sealed-secrets-bench-'));
try {
  const figures = [`Measured on ${machine()}.`, ...WORKLOADS.map(figuresOf), treeFigures(work)].join('\n\n');
  if (process.argv.includes('--write')) await writePage(figures, MARKS);
  else console.log(figures);
} finally {
  rmSync(work, { recursive: true });
}

function figuresOf(workload: Workload): string {
  const cert = write('cert.pem', certificatePem('a4096'));
  const args = ['--cert', cert, '-f', write('secrets.yaml', workload.manifest)];
  const reference = process.env['KUBESEAL_REFERENCE'];
  const programs: [name: string, command: Command][] = [
    ['node -e 0', [process.execPath, '-e', '0']],
    ['bundle for Node', [process.execPath, NODE_ENTRY, ...args]],
    ['single file', [binaryPath(thisMachine()), ...args]],
    ...(reference ? [['reference', [reference, ...args]] satisfies [string, Command]] : []),
  ];
  const measured = measure(
    programs.map(([, command]) => command),
    workload.runs,
  );
  const rows = measured.map((each, index): Row => ({ name: programs[index]?.[0] ?? '', measured: each }));
  const [yardstick, bundle, binary, other] = rows;
  if (!yardstick || !bundle || !binary) throw new Error('nothing was measured');
  return table({ workload, yardstick, reference: other, rows: [bundle, binary] });
}

function write(name: string, text: string): string {
  const file = join(work, name);
  writeFileSync(file, text);
  return file;
}
