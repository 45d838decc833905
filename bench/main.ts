/**
 * Benchmarks kubeseal as whole processes: the bundle for Node, the single file, and, if `KUBESEAL_REFERENCE` is set,
 * the kubeseal at that path. Prints Markdown; `--write` writes it into docs/performance.md instead.
 */
import { execFileSync } from 'node:child_process';
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

const EXPLAIN_RUNS = 31;
const MARKS = { start: '<!-- figures: npm run bench -- --write -->', end: '<!-- end of figures -->' };

await continueOnImageNode();
const work = mkdtempSync(join(tmpdir(), 'sealed-secrets-bench-'));
try {
  const figures = [
    `Measured on ${machine()}.`,
    ...WORKLOADS.map(figuresOf),
    explainFigures(),
    treeFigures(work),
  ].join('\n\n');
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

/** Compares explaining one SealedSecret with sealing one, in both forms of kubeseal. */
function explainFigures(): string {
  const secret = write('secret.yaml', WORKLOADS[0]?.manifest ?? '');
  const seal = ['seal', '--cert', write('cert.pem', certificatePem('a4096')), '-f', secret];
  const sealed = write(
    'sealed.json',
    execFileSync(process.execPath, [NODE_ENTRY, ...seal], { encoding: 'utf8' }),
  );
  const [node, binary]: [Command, Command] = [[process.execPath, NODE_ENTRY], [binaryPath(thisMachine())]];
  const commands: Command[] = [node, binary].flatMap((program) => [
    [...program, ...seal],
    [...program, 'explain', sealed],
  ]);
  const names = ['seal, bundle', 'explain, bundle', 'seal, single file', 'explain, single file'];
  const rows = measure(commands, EXPLAIN_RUNS).map((measured, at): Row => ({
    name: names[at] ?? '',
    measured,
  }));
  const tables = [rows.slice(0, 2), rows.slice(2)].flatMap(([yardstick, ...others]) =>
    yardstick
      ? [
          table({
            workload: { name: `explain, against ${yardstick.name}` },
            yardstick,
            reference: undefined,
            rows: others,
          }),
        ]
      : [],
  );
  return tables.join('\n\n');
}

function write(name: string, text: string): string {
  const file = join(work, name);
  writeFileSync(file, text);
  return file;
}
