/** Sprig's regular expression functions. */
import { CallError, define, failCall, type GoFunction, type Run } from '../function.ts';
import { canBackquote, quote } from '../quote.ts';
import { BOOL, INT, type Slice, STRING, STRINGS, strings, type Type, type Value } from '../value.ts';
import { compile, expand, findAll, type Pattern, replaceAll, split } from './pattern.ts';
import { type FunctionTable, orElse } from './table.ts';

/**
 * Compiles an expression. If that fails, Sprig's plain functions panic, and the `must` functions return the error.
 */
function compileOrPanic(expression: string, run: Run): Pattern {
  try {
    return compile(expression, run);
  } catch (error) {
    if (!(error instanceof CallError)) throw error;
    const quoted = canBackquote(expression) ? `\`${expression}\`` : quote(expression);
    return failCall(`regexp: Compile(${quoted}): ${error.message}`);
  }
}

/** The arguments of a function, with its expression compiled. */
interface Input<V> {
  readonly pattern: Pattern;
  readonly text: string;
  /** The third argument. */
  readonly more: V;
}

/** Defines a function of an expression, a text and one more argument, and its `must` variant. */
function pair<V extends Value, R extends Value>(
  third: Type<V>,
  result: Type<R>,
  search: (input: Input<V>, run: Run) => R,
): readonly [plain: GoFunction, must: GoFunction] {
  return [
    define([STRING, STRING, third], result, ([expression, text, more], run) => {
      return search({ pattern: compileOrPanic(expression, run), text, more }, run);
    }),
    define([STRING, STRING, third], result, ([expression, text, more], run) => {
      return search({ pattern: compile(expression, run), text, more }, run);
    }),
  ];
}

function findFirst(pattern: Pattern, text: string, run: Run): string {
  const [start = 0, end = 0] = pattern.find(text, 0, run) ?? [];
  return text.slice(start, end);
}

const [regexFindAll, mustRegexFindAll] = pair(INT, STRINGS, ({ pattern, text, more }, run) => {
  const found = findAll({ pattern, text, limit: Number(more) }, run);
  return found.length === 0
    ? STRINGS.nil
    : strings(found.map(([start = 0, end = 0]) => text.slice(start, end)));
});

const [regexSplit, mustRegexSplit] = pair(INT, STRINGS, ({ pattern, text, more }, run): Slice<string> => {
  return more === 0n ? STRINGS.nil : strings(split({ pattern, text, limit: Number(more) }, run));
});

const [regexReplaceAll, mustRegexReplaceAll] = pair(STRING, STRING, (input, run) => {
  return replaceAll(input, (match) => expand(input.more, match, input), run);
});

const [regexReplaceAllLiteral, mustRegexReplaceAllLiteral] = pair(STRING, STRING, (input, run) =>
  replaceAll(input, () => input.more, run),
);

function matches(expression: string, text: string, run: Run): boolean {
  return compile(expression, run).find(text, 0, run) !== null;
}

/** Sprig's regular expression functions, by name. */
export const REGEX: FunctionTable = {
  regexMatch: define([STRING, STRING], BOOL, ([expression, text], run) => {
    return orElse(() => matches(expression, text, run), false);
  }),
  mustRegexMatch: define([STRING, STRING], BOOL, ([expression, text], run) => matches(expression, text, run)),
  regexFind: define([STRING, STRING], STRING, ([expression, text], run) => {
    return findFirst(compileOrPanic(expression, run), text, run);
  }),
  mustRegexFind: define([STRING, STRING], STRING, ([expression, text], run) => {
    return findFirst(compile(expression, run), text, run);
  }),
  regexFindAll,
  mustRegexFindAll,
  regexReplaceAll,
  mustRegexReplaceAll,
  regexReplaceAllLiteral,
  mustRegexReplaceAllLiteral,
  regexSplit,
  mustRegexSplit,
  regexQuoteMeta: define([STRING], STRING, ([text]) => text.replace(/[\\.+*?()|[\]{}^$]/g, '\\$&')),
};
