/**
 * Go's `text/template` in TypeScript, bounded: a template is parsed once and run over data as often as needed.
 *
 *     const template = parse('greeting', 'Hello {{ .name | printf "%q" }}', new Map());
 *     const { output } = run(template, new Map([['name', 'World']]), new Budget(DEFAULT_LIMITS, SYSTEM));
 */
import type { Budget } from './budget.ts';
import { BUILTINS } from './builtins.ts';
import type { Program } from './evaluate.ts';
import { execute } from './execute.ts';
import type { Functions } from './function.ts';
import { parseTemplate } from './parser.ts';
import { bytesOf } from './utf8.ts';
import { Dict, STRING_DICT } from './value.ts';

export { Budget, DEFAULT_LIMITS, type Environment, type Limits } from './budget.ts';
export { TemplateError, type ErrorPlace, type RunningPlace } from './error.ts';
export type { Functions } from './function.ts';
export { bytesOf, fromBuffer, textOf, toBuffer } from './utf8.ts';

/** A template that was parsed; it can be run any number of times. */
export type Template = Program;

export interface Output {
  /** What came out, as bytes (see value.ts): `toBuffer` and `textOf` change it. */
  readonly output: string;
  /** The output may differ at the next run over the same data: random numbers, time or new keys went in. */
  readonly impure: boolean;
}

/**
 * Parses a template. `name` is what errors call it, `text` is JavaScript text, and `functions` are those that it
 * may call besides Go's own. With a budget, its steps and memory are used. Throws `TemplateError`.
 */
export function parse(name: string, text: string, functions: Functions, budget?: Budget): Template {
  const [nameBytes, textBytes] = [bytesOf(name), bytesOf(text)];
  const isFunction = (called: string): boolean => functions.has(called) || BUILTINS.has(called);
  const templates = parseTemplate(nameBytes, textBytes, isFunction, budget);
  return { name: nameBytes, text: textBytes, templates, functions };
}

/**
 * Runs a template over a map of strings, keys and values as bytes (see value.ts), on a budget that other runs may
 * share. Throws `TemplateError`, for a bound that was reached as well.
 */
export function run(template: Template, data: ReadonlyMap<string, string>, budget: Budget): Output {
  const values = new Dict(STRING_DICT, new Map(data));
  const { result, impure } = budget.during(() => execute(template, values, budget));
  return { output: result, impure };
}
