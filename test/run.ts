/**
 * Runs the tests: all of them, or with `--unit` those that need no control plane. Tests that run kubeseal run twice,
 * with the bundle for Node and with the single file for this machine; `--program bundle` or `--program binary`
 * selects one, and `--unit` selects the bundle. Further arguments select test files by a part of their path.
 */
import { spawn } from 'node:child_process';
import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { parseArgs } from 'node:util';
import { compileKubeseal } from '../build/compile.ts';
import { fetchNode } from '../build/image-root.ts';
import { buildManifests } from '../build/manifests.ts';
import { DIST } from '../build/package.ts';
import { thisMachine } from '../build/targets.ts';
import { findBinaries } from './control-plane/binaries.ts';
import { enterOwnNetwork, insideOwnNetwork } from './control-plane/network.ts';
import { buildGoReader } from './shared/manifest/readers.ts';
import { buildOracle } from './shared/template/oracle.ts';
import type { Outcome } from './support/outcome-reporter.ts';
import { PROGRAM_VARIABLE, PROGRAMS, type Program } from './support/program.ts';

/** Folders whose tests start a control plane or run helm. */
const NEEDS_CONTROL_PLANE = /^(chart|control-plane|e2e)\//;
/** Files whose tests run kubeseal, and therefore run with each of its forms. */
const RUNS_KUBESEAL = /^(build\/build\.|cli\/|e2e\/(certificate|http-kubeseal|seal-to-secret)\.)/;

const OUTCOME_REPORTER = join(DIST, 'test', 'support', 'outcome-reporter.js');

const { values, positionals: chosen } = parseArgs({
  options: { unit: { type: 'boolean', default: false }, program: { type: 'string', multiple: true } },
  allowPositionals: true,
});
const programs = values.program
  ? values.program.map(asProgram)
  : values.unit
    ? [asProgram('bundle')]
    : PROGRAMS;

const tests = join(DIST, 'test');
const files = readdirSync(tests, { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.test.js') && !(values.unit && NEEDS_CONTROL_PLANE.test(file)))
  .filter((file) => chosen.length === 0 || chosen.some((part) => file.includes(part)))
  .sort();

if (files.length === 0) throw new Error(`no test file matches ${chosen.join(' or ')}`);

if (!insideOwnNetwork()) {
  const say = (line: string): void => console.error(line);
  // Download what has to be built before entering the tests' own network, which has no route out.
  if (!values.unit) {
    await findBinaries(['etcd', 'kube-apiserver', 'kube-controller-manager', 'kubectl'], say);
    await buildManifests(say);
  }
  if (files.some((file) => file.includes('image'))) {
    await fetchNode('amd64', say);
    await fetchNode('arm64', say);
  }
  if (files.some((file) => /^(e2e\/metrics|chart\/observed)/.test(file)))
    await findBinaries(['promtool'], say);
  if (programs.includes('binary')) await compileKubeseal(thisMachine(), say);
  // Without Go, the tests that compare with it report that they are skipped.
  if (files.some((file) => file.startsWith('shared/template/'))) await buildOracle().catch(() => undefined);
  if (files.includes('shared/manifest/readers.test.js')) await buildGoReader().catch(() => undefined);
}
const status = values.unit ? null : await enterOwnNetwork();
process.exitCode = status ?? (await runAll());

/**
 * Runs the tests for each program; the first run includes the tests that run neither. Repeats every failure at the
 * end, so that the last lines of a long log say what is wrong. Returns the highest exit code.
 */
async function runAll(): Promise<number> {
  let worst = 0;
  const outcomes = new Map<Program, Outcome>();
  for (const [index, program] of programs.entries()) {
    const its = index === 0 ? files : files.filter((file) => RUNS_KUBESEAL.test(file));
    if (its.length === 0) continue;
    console.log(`kubeseal as a ${program}`);
    const { code, outcome } = await runTests(its, program);
    worst = Math.max(worst, code);
    outcomes.set(program, outcome);
  }
  printOutcomes(outcomes);
  return worst;
}

function printOutcomes(outcomes: ReadonlyMap<Program, Outcome>): void {
  const total = { passed: 0, failed: 0, skipped: 0 };
  for (const [program, { passed, failed, skipped }] of outcomes) {
    for (const { file, titles, error } of failed) {
      console.log(`\n✖ ${file}, kubeseal as a ${program}\n  ${titles.join(' › ')}\n${error}`);
    }
    total.passed += passed;
    total.failed += failed.length;
    total.skipped += skipped;
  }
  console.log(`\n${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped`);
}

async function runTests(
  its: readonly string[],
  program: Program,
): Promise<{ code: number; outcome: Outcome }> {
  const paths = its.map((file) => relative(process.cwd(), join(tests, file)));
  const written = join(tmpdir(), `sealed-secrets-tests-${process.pid}-${program}.json`);
  const reporters = [
    ...['--test-reporter=spec', '--test-reporter-destination=stdout'],
    ...[`--test-reporter=${OUTCOME_REPORTER}`, `--test-reporter-destination=${written}`],
  ];
  const runner = spawn(process.execPath, ['--test', ...reporters, ...paths], {
    stdio: 'inherit',
    env: { ...process.env, [PROGRAM_VARIABLE]: program },
  });
  const code = await new Promise<number>((resolve, reject) => {
    runner.on('error', reject).on('exit', (status) => resolve(status ?? 1));
  });
  try {
    return { code, outcome: JSON.parse(readFileSync(written, 'utf8')) as Outcome };
  } finally {
    rmSync(written, { force: true });
  }
}

function asProgram(name: string): Program {
  const found = PROGRAMS.find((program) => program === name);
  if (found) return found;
  throw new Error(`--program is ${PROGRAMS.join(' or ')}, not ${name}`);
}
