/**
 * Measures `kubeseal lint` as whole processes: `npm run bench:lint`. Prints Markdown; `--write` writes it into
 * docs/performance.md instead.
 */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { NODE_ENTRY } from '../build/package.ts';
import { binaryPath, thisMachine } from '../build/targets.ts';
import { certificatePem } from '../test/support/vectors.ts';
import { continueOnImageNode } from './image-node.ts';
import { measure, type Command } from './measure.ts';
import { writePage } from './page.ts';
import { machine, table, type Row } from './report.ts';
import { manifest } from './workloads.ts';

const FILES = 1000;
const OBJECTS = 2000;
const OTHER_FILES = 2000;
const OTHER_FILE_BYTES = 8000;
const RUNS = 5;
const SOURCE_LINE = 'export const read = (path) => open(path, "utf8"); // reads a file\n';
const MARKS = {
  start: '<!-- figures: npm run bench:lint -- --write -->',
  end: '<!-- end of the figures of lint -->',
};

await continueOnImageNode();
const root = mkdtempSync(join(tmpdir(), 'sealed-secrets-bench-'));
try {
  createRepository();
  const load = loadavg()[0]?.toFixed(1);
  const figures = [
    `Measured on ${machine()}; load of other programs at the start: ${load}.`,
    figuresOf('1,000 files of 5 items', 'files'),
    figuresOf('10,000 items in one file', 'one.yaml'),
    figuresOf('2,000 other files, of 8 KB', 'source'),
  ].join('\n\n');
  if (process.argv.includes('--write')) await writePage(figures, MARKS);
  else console.log(figures);
} finally {
  rmSync(root, { recursive: true });
}

function figuresOf(name: string, path: string): string {
  const args = ['lint', join(root, path)];
  const programs: [name: string, command: Command][] = [
    ['node -e 0', [process.execPath, '-e', '0']],
    ['bundle for Node', [process.execPath, NODE_ENTRY, ...args]],
    ['single file', [binaryPath(thisMachine()), ...args]],
  ];
  const measured = measure(
    programs.map(([, command]) => command),
    RUNS,
  );
  const [yardstick, ...rows] = measured.map((each, at): Row => ({
    name: programs[at]?.[0] ?? '',
    measured: each,
  }));
  if (yardstick === undefined) throw new Error('nothing was measured');
  return table({ workload: { name }, yardstick, reference: undefined, rows });
}

/** Creates files without mistakes, as kubeseal writes them. Their cluster is known, so that all rules have work to do. */
function createRepository(): void {
  write('.kubeseal.yaml', 'clusters:\n  prod:\n    certificate: prod.pem\nrecord: true\n');
  write('prod.pem', certificatePem('a4096'));
  const objects = sealed(FILES)
    .split(/^---\n/m)
    .filter((text) => text !== '');
  objects.forEach((text, index) => write(`files/${index % 10}/${index}.yaml`, `---\n${text}`));
  write('one.yaml', sealed(OBJECTS));
  const source = SOURCE_LINE.repeat(OTHER_FILE_BYTES / SOURCE_LINE.length);
  for (let index = 0; index < OTHER_FILES; index++) write(`source/${index % 20}/${index}.js`, source);
}

/** Returns SealedSecrets of five items, with their sealing records. */
function sealed(count: number): string {
  write('secrets.yaml', manifest(count, 5));
  const args = [NODE_ENTRY, 'seal', '-o', 'yaml', '-f', join(root, 'secrets.yaml')];
  const output = execFileSync(process.execPath, args, {
    cwd: root,
    encoding: 'utf8',
    stdio: 'pipe',
    maxBuffer: 2 ** 28,
  });
  rmSync(join(root, 'secrets.yaml'));
  return output;
}

function write(name: string, text: string): void {
  const path = join(root, name);
  mkdirSync(join(path, '..'), { recursive: true });
  writeFileSync(path, text);
}
