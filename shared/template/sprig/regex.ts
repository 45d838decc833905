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

type Search<P extends readonly Value[], R> = (pattern: Pattern, text: string, rest: P, run: Run) => R;

/** Defines a function of an expression, a text and one more argument, and its `must` variant. */
function pair<V extends Value, R extends Value>(
  more: Type<V>,
  result: Type<R>,
  search: Search<readonly [V], R>,
): readonly [plain: GoFunction, must: GoFunction] {
  return [
    define([STRING, STRING, more], result, ([expression, text, one], run) => {
      return search(compileOrPanic(expression, run), text, [one], run);
    }),
    define([STRING, STRING, more], result, ([expression, text, one], run) => {
      return search(compile(expression, run), text, [one], run);
    }),
  ];
}

const findFirst: Search<readonly [], string> = (pattern, text, _, run) => {
  const [start = 0, end = 0] = pattern.find(text, 0, run) ?? [];
  return text.slice(start, end);
};

const [regexFindAll, mustRegexFindAll] = pair(INT, STRINGS, (pattern, text, [limit], run) => {
  const found = findAll(pattern, text, Number(limit), run);
  return found.length === 0
    ? STRINGS.nil
    : strings(found.map(([start = 0, end = 0]) => text.slice(start, end)));
});

const [regexSplit, mustRegexSplit] = pair(INT, STRINGS, (pattern, text, [limit], run): Slice<string> => {
  return limit === 0n ? STRINGS.nil : strings(split(pattern, text, Number(limit), run));
});

const [regexReplaceAll, mustRegexReplaceAll] = pair(STRING, STRING, (pattern, text, [template], run) => {
  return replaceAll(pattern, text, (match) => expand(template, pattern, text, match), run);
});

const [regexReplaceAllLiteral, mustRegexReplaceAllLiteral] = pair(
  STRING,
  STRING,
  (pattern, text, [by], run) => {
    return replaceAll(pattern, text, () => by, run);
  },
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
    return findFirst(compileOrPanic(expression, run), text, [], run);
  }),
  mustRegexFind: define([STRING, STRING], STRING, ([expression, text], run) => {
    return findFirst(compile(expression, run), text, [], run);
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
