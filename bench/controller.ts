/**
 * Measures the controller on a real API server: how fast it works, what it costs, and how it restarts.
 *
 *     npm run bench:controller -- --n 1000 --values 1 --keys 1 [--hint] [--ballast 500] [--namespaces 300]
 *     npm run bench:controller -- --all --json figures.json [--write]
 *     npm run bench:controller -- --n 1000 --controller 'PROGRAM --flag'     another controller too, in turn
 *     npm run bench:controller -- --from figures.json --write                only tables and plots
 *
 * Prints Markdown. `--json` writes all figures into a file, `--write` tables and plots into docs/.
 */
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { PACKAGE } from '../build/package.ts';
import { buildManifests } from '../build/manifests.ts';
import { ALL_CASES, caseName, type Case } from './controller/case.ts';
import { measureCase } from './controller/measure-case.ts';
import { otherProgram, ownProgram, type Program } from './controller/program.ts';
import { parseReport, type Report, type Run } from './controller/run.ts';
import { makeKeys } from './controller/sealing-keys.ts';
import { tables } from './controller/tables.ts';
import { writeReport } from './controller/write-report.ts';
import { continueOnImageNode } from './image-node.ts';
import { machine } from './report.ts';

const { values } = parseArgs({
  options: {
    n: { type: 'string', default: '1000' },
    values: { type: 'string', default: '1' },
    keys: { type: 'string', default: '1' },
    hint: { type: 'boolean', default: false },
    ballast: { type: 'string', default: '0' },
    namespaces: { type: 'string', default: '0' },
    all: { type: 'boolean', default: false },
    controller: { type: 'string', multiple: true, default: [] },
    json: { type: 'string' },
    from: { type: 'string', multiple: true, default: [] },
    write: { type: 'boolean', default: false },
  },
});
const say = (line: string): void => console.error(line);

const report = values.from.length > 0 ? joined(values.from) : await measured();
if (values.json !== undefined) writeFileSync(values.json, `${JSON.stringify(report, null, 2)}\n`);
if (values.write) await writeReport(report);
else console.log(tables(report));

async function measured(): Promise<Report> {
  await continueOnImageNode();
  const cases = values.all ? ALL_CASES : [oneCase()];
  await buildManifests(say);
  const others = values.controller.map((command, index) => otherProgram(`controller ${index + 2}`, command));
  const programs: readonly Program[] = [await ownProgram(), ...others];
  const keys = await makeKeys(Math.max(...cases.map((each) => each.keys)));
  const runs: Run[] = [];
  for (const each of cases) {
    for (const program of programs) {
      say(`${program.name}: ${caseName(each)}`);
      runs.push(await measureCase(program, each, keys));
    }
  }
  return { machine: machine(), date: new Date().toISOString().slice(0, 10), commit: commit(), runs };
}

function oneCase(): Case {
  const { n, values: items, keys, hint, ballast, namespaces } = values;
  const [objects = 0, each = 0, keyCount = 0, others = 0, spread = 0] = [
    n,
    items,
    keys,
    ballast,
    namespaces,
  ].map((text) => {
    if (!/^\d+$/.test(text)) throw new Error(`not a number: ${text}`);
    return Number(text);
  });
  return { objects, values: each, keys: keyCount, hint, ballast: others, namespaces: spread };
}

/** Joins the runs of several reports, which are of the same machine and commit. */
function joined(files: readonly string[]): Report {
  const [first, ...rest] = files.map((file) => parseReport(readFileSync(file, 'utf8'), file));
  if (first === undefined) throw new Error('there are no reports');
  return { ...first, runs: [first, ...rest].flatMap(({ runs }) => runs) };
}

function commit(): string {
  const { stdout } = spawnSync('git', ['describe', '--always', '--dirty'], {
    cwd: PACKAGE,
    encoding: 'utf8',
  });
  return stdout.trim();
}
