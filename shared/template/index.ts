/**
 * Go's `text/template` in TypeScript, with resource limits. A template is parsed once and can be run any number of
 * times.
 *
 *     const template = parse('greeting', 'Hello {{ .name | printf "%q" }}', { functions: new Map() });
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
export { fromBuffer, toBuffer } from './buffer.ts';
export { bytesOf, textOf } from './utf8.ts';

/** A parsed template. It can be run any number of times. */
export type Template = Program;

/** The result of one run. */
export interface Output {
  /** The output as bytes (see value.ts). Convert it with `toBuffer` or `textOf`. */
  readonly output: string;
  /**
   * Whether another run over the same data may give different output, because this one used random numbers, the time or
   * new keys.
   */
  readonly impure: boolean;
}

/** Options of `parse`. */
export interface ParseOptions {
  /** The functions that the template may call in addition to Go's built-in ones. */
  readonly functions: Functions;
  /** The budget to charge for the steps and memory of parsing. */
  readonly budget?: Budget | undefined;
}

/** Parses a template. Errors refer to it by `name`; `text` is JavaScript text. Throws `TemplateError`. */
export function parse(name: string, text: string, { functions, budget }: ParseOptions): Template {
  const [nameBytes, textBytes] = [bytesOf(name), bytesOf(text)];
  const isFunction = (called: string): boolean => functions.has(called) || BUILTINS.has(called);
  const templates = parseTemplate(nameBytes, textBytes, { isFunction, meter: budget });
  return { name: nameBytes, text: textBytes, templates, functions };
}

/**
 * Runs a template over a map of strings, whose keys and values are bytes (see value.ts). Other runs may share the
 * budget. Throws `TemplateError`, also when the run exceeds a limit.
 */
export function run(template: Template, data: ReadonlyMap<string, string>, budget: Budget): Output {
  const values = new Dict(STRING_DICT, new Map(data));
  const { result, impure } = budget.during(() => execute(template, values, budget));
  return { output: result, impure };
}
