/** Asks Go itself: runs cases on the program in `go/`, which is built with the Go of this machine. */
import { execFile, spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';
import { promisify } from 'node:util';
import { goProgram } from '../../support/go-program.ts';
import { type Answer, type Case, parseAnswer } from './cases.ts';

const program = goProgram('shared/template/go', 'shared/template/oracle');

/** Builds the oracle and returns a way to ask it. Rejects when there is no Go, or its modules cannot be had. */
export async function buildOracle(): Promise<(cases: readonly Case[]) => Promise<Answer[]>> {
  await program.build();
  return ask;
}

/** All names that a template may call, but for those built into the language. */
export async function oracleFunctions(): Promise<string[]> {
  const { stdout } = await promisify(execFile)(program.path, ['names']);
  return stdout.trimEnd().split('\n');
}

/** What held in a time zone from a second on. */
export interface ZoneSpan {
  readonly zone: string;
  readonly from: number;
  readonly offset: number;
  readonly abbreviation: string;
  readonly summer: boolean;
}

/** What has held since 1970 in all time zones of Go's own zone data. */
export async function oracleZones(): Promise<ZoneSpan[]> {
  const { stdout } = await promisify(execFile)(program.path, ['zones'], { maxBuffer: 2 ** 26 });
  return stdout
    .trimEnd()
    .split('\n')
    .map((line) => {
      const [zone = '', from, offset, abbreviation = '', summer] = line.split(' ');
      return { zone, from: Number(from), offset: Number(offset), abbreviation, summer: summer === 'true' };
    });
}

/** One answer for each case, in their order. A case that ends the oracle is refused, and the rest are asked again. */
async function ask(cases: readonly Case[]): Promise<Answer[]> {
  const answers: Answer[] = [];
  while (answers.length < cases.length) {
    const some = await askOnce(cases.slice(answers.length));
    answers.push(...(some.length > 0 ? some : [{ refused: 'the oracle died' }]));
  }
  return answers;
}

async function askOnce(cases: readonly Case[]): Promise<Answer[]> {
  const oracle = spawn(program.path, { stdio: ['pipe', 'pipe', 'ignore'] });
  // It ends early when a template runs too long; what it did not read is asked again.
  oracle.stdin.on('error', () => undefined);
  oracle.stdin.end(cases.map((one) => `${JSON.stringify(one)}\n`).join(''));
  // The last line is cut short where the oracle ended in the midst of it.
  const lines = (await text(oracle.stdout)).split('\n').slice(0, -1);
  return lines.map((line) => parseAnswer(JSON.parse(line)));
}
