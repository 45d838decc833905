/** What our engine makes of a case, in the words of the oracle. */
import { randomFillSync } from 'node:crypto';
import {
  Budget,
  DEFAULT_LIMITS,
  fromBuffer,
  parse,
  run,
  TemplateError,
  textOf,
  toBuffer,
  type Environment,
  type Functions,
  type Limits,
} from '../../../shared/template/index.ts';
import { SPRIG } from '../../../shared/template/sprig/index.ts';
import { bytesOf, type Answer, type Bytes, type Case } from './cases.ts';

/** Time stands still in tests, but for those that bring their own. */
export const TEST_ENVIRONMENT: Environment = {
  now: () => Date.UTC(2026, 0, 2, 3, 4, 5),
  elapsed: () => 0,
  random: (size) => randomFillSync(Buffer.alloc(size)),
  localZone: 'UTC',
};

const NONE: Functions = new Map();

/** Runs a template over its data, as the case says. Throws `TemplateError`. */
export function render(
  one: Omit<Case, 'name'>,
  limits: Limits = DEFAULT_LIMITS,
  environment = TEST_ENVIRONMENT,
): { output: string; impure: boolean } {
  const functions = one.bare === true ? NONE : SPRIG;
  const template = parse(one.template ?? 't', bytesOf(one.text).toString(), { functions });
  const data = Object.entries(one.data ?? {}).map(([key, value]): [string, string] => {
    return [fromBuffer(Buffer.from(key)), fromBuffer(bytesOf(value))];
  });
  return run(template, new Map(data), new Budget(limits, environment));
}

/** Our answer to a case. Throws what is no `TemplateError`. */
export function answer(one: Case): Answer {
  try {
    return { output: bytesIn(render(one).output) };
  } catch (error) {
    if (!(error instanceof TemplateError)) throw error;
    return { error: error.whole() };
  }
}

function bytesIn(output: string): Bytes {
  const text = textOf(output);
  return fromBuffer(Buffer.from(text)) === output ? text : { base64: toBuffer(output).toString('base64') };
}

/** An answer of the oracle as ours come: our errors are text, and what is no UTF-8 in them U+FFFD. */
export function comparable(golden: Answer): Answer {
  if (!('error' in golden)) return golden;
  return { error: textOf(fromBuffer(bytesOf(golden.error))) };
}
