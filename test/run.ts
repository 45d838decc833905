/**
 * Runs the tests of all levels, or of those that `--level` selects. Arguments select test files by a part of their path.
 *
 * Unit tests run on the oldest Node that the package supports and on the image's Node, end-to-end tests on the image's
 * Node, and integration tests on the Node that runs this script; with `--here` all of them run on that Node alone. Tests
 * that run kubeseal run twice, with the bundle for Node and with the single file for this machine; `--program bundle` or
 * `--program binary` selects one.
 */
import { spawn, spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { parseArgs } from 'node:util';
import { compileKubeseal } from '../build/compile.ts';
import { buildManifests } from '../build/manifests.ts';
import { DIST } from '../build/package.ts';
import { fetchNode, nodeFor } from '../build/pinned-node.ts';
import { thisMachine } from '../build/targets.ts';
import { grafanaTypes, operatorTypes } from './build/go-types.ts';
import { installHooks } from './ci/hook-environment.ts';
import { installPythonTools } from './ci/python-tools.ts';
import { buildContender } from './contend/contender.ts';
import { findBinaries } from './control-plane/binaries.ts';
import { enterOwnNetwork, insideOwnNetwork } from './control-plane/network.ts';
import { buildJudge } from './examples/judge.ts';
import { downloadPublished } from './examples/published.ts';
import { levelOf, LEVELS, type Level } from './levels.ts';
import { buildGoReader } from './readers/readers.ts';
import { buildOracle } from './shared/template/oracle.ts';
import type { Outcome } from './support/outcome-reporter.ts';
import { PROGRAM_VARIABLE, PROGRAMS, type Program } from './support/program.ts';

/** The tests of one level on one Node, with one form of kubeseal. */
interface Pass {
  readonly level: Level;
  /** The path of Node. */
  readonly node: string;
  readonly program: Program;
  readonly files: readonly string[];
}

/** Files whose tests run kubeseal, and therefore run with each of its forms. */
const RUNS_KUBESEAL = /^(build\/build\.|cli\/|e2e\/(certificate|http-kubeseal|key-backup|seal-to-secret)\.)/;

const OUTCOME_REPORTER = join(DIST, 'test', 'support', 'outcome-reporter.js');

const { values, positionals: chosen } = parseArgs({
  options: {
    level: { type: 'string', multiple: true, default: [...LEVELS] },
    program: { type: 'string', multiple: true, default: [...PROGRAMS] },
    here: { type: 'boolean', default: false },
  },
  allowPositionals: true,
});
const levels = values.level.map((name) => oneOf(LEVELS, name, '--level'));
const programs = values.program.map((name) => oneOf(PROGRAMS, name, '--program'));

const tests = join(DIST, 'test');
const files = readdirSync(tests, { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.test.js') && levels.includes(levelOf(file)))
  .filter((file) => chosen.length === 0 || chosen.some((part) => file.includes(part)))
  .sort();
if (files.length === 0) throw new Error(`no test file matches ${chosen.join(' or ')}`);

const needsControlPlane = files.some((file) => levelOf(file) === 'e2e');
if (!insideOwnNetwork()) await prepare((line) => console.error(line));
// What a browser does is also watched where nothing can leave the machine.
const needsOwnNetwork = needsControlPlane || files.some((file) => file.startsWith('browser/'));
process.exitCode = (needsOwnNetwork ? await enterOwnNetwork() : null) ?? (await runAll());

/** Downloads and builds everything before the tests enter their own network, which has no route out. */
async function prepare(say: (line: string) => void): Promise<void> {
  const has = (pattern: RegExp): boolean => files.some((file) => pattern.test(file));
  await passes(say);
  if (needsControlPlane) {
    await findBinaries(['etcd', 'kube-apiserver', 'kube-controller-manager', 'kubectl'], say);
    await buildManifests(say);
  }
  if (has(/image/)) for (const each of ['amd64', 'arm64'] as const) await fetchNode('image', each, say);
  if (has(/^(e2e\/metrics|chart\/observed)/)) await findBinaries(['promtool'], say);
  if (has(/key-backup/)) await findBinaries(['age', 'age-keygen'], say);
  if (has(/^(cli\/lint\/kustomize\/|examples\/kustomize)/)) await findBinaries(['kubectl', 'kustomize'], say);
  if (has(/^(examples\/github|ci\/(adopt|github))/)) await findBinaries(['actionlint'], say);
  // Without Python, the tests with its programs report that they are skipped.
  if (has(/^ci\//) && (await installPythonTools(say)) && has(/^ci\/(adopt|newcomer|pre-commit)/))
    await installHooks(say);
  if (programs.includes('binary') && has(RUNS_KUBESEAL)) await compileKubeseal(thisMachine(), say);
  if (has(/^build\/dashboard\./)) await grafanaTypes.build();
  if (has(/^build\/operator\./)) await operatorTypes.build();
  // Without Go, the tests that compare with it report that they are skipped.
  if (has(/^shared\/template\//)) await buildOracle().catch(() => undefined);
  if (has(/^e2e\/contend\./)) await buildContender();
  if (has(/^examples\//)) await Promise.all([buildJudge(), downloadPublished()]);
  if (has(/^readers\//)) await buildGoReader().catch(() => undefined);
}

/** Returns what to run. Fetches the pinned Nodes unless they are in the cache. */
async function passes(say: (line: string) => void): Promise<Pass[]> {
  const passes: Pass[] = [];
  for (const level of levels) {
    for (const node of await nodesOf(level, say)) {
      for (const [index, program] of programs.entries()) {
        const its = files.filter(
          (file) => levelOf(file) === level && (index === 0 || RUNS_KUBESEAL.test(file)),
        );
        if (its.length > 0) passes.push({ level, node, program, files: its });
      }
    }
  }
  return passes;
}

/** Returns the paths of the Nodes that the tests of a level run on. */
async function nodesOf(level: Level, say: (line: string) => void): Promise<ReadonlySet<string>> {
  if (values.here || level === 'integration') return new Set([process.execPath]);
  const image = await nodeFor('image', say);
  return new Set(level === 'unit' ? [await nodeFor('floor', say), image] : [image]);
}

/**
 * Runs all passes. Repeats every failure at the end, so that the last lines of a long log say what is wrong. Returns the
 * highest exit code.
 */
async function runAll(): Promise<number> {
  let worst = 0;
  const outcomes = new Map<string, Outcome>();
  for (const pass of await passes(() => undefined)) {
    const version = spawnSync(pass.node, ['--version'], { encoding: 'utf8' }).stdout.trim();
    const name = `${pass.level} tests on Node ${version}, kubeseal as a ${pass.program}`;
    console.log(name);
    const { code, outcome } = await run(pass);
    worst = Math.max(worst, code);
    outcomes.set(name, outcome);
  }
  printOutcomes(outcomes);
  return worst;
}

function printOutcomes(outcomes: ReadonlyMap<string, Outcome>): void {
  const total = { passed: 0, failed: 0, skipped: 0 };
  for (const [pass, { passed, failed, skipped }] of outcomes) {
    for (const { file, titles, error } of failed) {
      console.log(`\n✖ ${file}, ${pass}\n  ${titles.join(' › ')}\n${error}`);
    }
    total.passed += passed;
    total.failed += failed.length;
    total.skipped += skipped;
  }
  console.log(`\n${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped`);
}

async function run(pass: Pass): Promise<{ code: number; outcome: Outcome }> {
  const paths = pass.files.map((file) => relative(process.cwd(), join(tests, file)));
  const written = join(tmpdir(), `sealed-secrets-tests-${process.pid}.json`);
  const args = [
    '--test',
    ...['--test-reporter=spec', '--test-reporter-destination=stdout'],
    ...[`--test-reporter=${OUTCOME_REPORTER}`, `--test-reporter-destination=${written}`],
    // By default, Node leaves one core to others. Tests of all levels wait for processes most of the time.
    `--test-concurrency=${availableParallelism()}`,
  ];
  const runner = spawn(pass.node, [...args, ...paths], {
    stdio: 'inherit',
    env: { ...process.env, [PROGRAM_VARIABLE]: pass.program },
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

function oneOf<T extends string>(names: readonly T[], name: string, flag: string): T {
  const found = names.find((each) => each === name);
  if (found !== undefined) return found;
  throw new Error(`${flag} is ${names.join(' or ')}, not ${name}`);
}
