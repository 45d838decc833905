/**
 * The cases in `cases/`: `NAME.json` holds a list of them, and `NAME.golden.json` what Go answered, by case name.
 * Where most have the same data, `NAME.json` is an object with that data and the cases, of which those that are a
 * template's text alone are named by it. `npm run goldens` renews the answers.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { PACKAGE } from '../../support/package.ts';

export const CASES = join(PACKAGE, 'test', 'shared', 'template', 'cases');

/** Text in JSON: a string or, where the bytes are no UTF-8, their base64. */
export type Bytes = string | { readonly base64: string };

/** One template and its data. Its own name, which errors give, is "t" unless `template` says otherwise. */
export interface Case {
  readonly name: string;
  readonly text: Bytes;
  readonly data?: Readonly<Record<string, Bytes>>;
  readonly template?: string;
  /** Without Sprig's functions, some of which hide Go's own. */
  readonly bare?: boolean;
}

interface SharedData {
  readonly data: NonNullable<Case['data']>;
  readonly cases: readonly (string | Case)[];
}

/** What Go made of a case. It is refused where there is nothing to compare: too long, too big, not repeatable. */
export type Answer = { readonly output: Bytes } | { readonly error: Bytes } | { readonly refused: string };

/** The names of all case files, without `.json`. */
export function caseFiles(): string[] {
  return readdirSync(CASES)
    .filter((file) => file.endsWith('.json') && !file.endsWith('.golden.json'))
    .map((file) => file.slice(0, -'.json'.length))
    .sort();
}

/** The cases of one file; throws unless each has its own name. */
export function readCases(file: string): Case[] {
  const content = JSON.parse(readFileSync(join(CASES, `${file}.json`), 'utf8')) as Case[] | SharedData;
  const cases = Array.isArray(content) ? content : withData(content);
  const names = new Set(cases.map((one) => one.name));
  if (names.size !== cases.length) throw new Error(`${file}.json: two cases have the same name`);
  return cases;
}

function withData({ data, cases }: SharedData): Case[] {
  return cases.map((one) => (typeof one === 'string' ? { name: one, text: one, data } : { data, ...one }));
}

/** The answers to the cases of one file, by case name. */
export function readGoldens(file: string): Map<string, Answer> {
  const goldens = JSON.parse(readFileSync(join(CASES, `${file}.golden.json`), 'utf8')) as object;
  return new Map(Object.entries(goldens).map(([name, answer]) => [name, parseAnswer(answer)]));
}

export function bytesOf(text: Bytes): Buffer {
  return typeof text === 'string' ? Buffer.from(text) : Buffer.from(text.base64, 'base64');
}

/** An answer as the oracle or a golden file has it. */
export function parseAnswer(answer: unknown): Answer {
  if (typeof answer === 'object' && answer !== null) {
    if ('output' in answer) return { output: parseBytes(answer.output) };
    if ('error' in answer) return { error: parseBytes(answer.error) };
    if ('refused' in answer && typeof answer.refused === 'string') return { refused: answer.refused };
  }
  throw new Error('not an answer');
}

function parseBytes(text: unknown): Bytes {
  if (typeof text === 'string') return text;
  if (typeof text === 'object' && text !== null && 'base64' in text && typeof text.base64 === 'string') {
    return { base64: text.base64 };
  }
  throw new Error('neither a string nor base64');
}
