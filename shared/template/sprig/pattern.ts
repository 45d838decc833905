/** Go's `regexp` on byte strings. The `re2js` package matches in linear time and supports RE2's syntax. */
import { RE2JS, RE2JSException } from 're2js';
import { LimitError } from '../budget.ts';
import { failCall, type Run } from '../function.ts';
import { isDigit, isLetter } from '../unicode.ts';
import { expandedSize } from './pattern-size.ts';
import { toBuffer } from '../buffer.ts';
import { bytesOf, decodeRune, isUtf8, textOf } from '../utf8.ts';

/** The start and end of the match, then of each group, in bytes; -1 for a group without a match. */
type Match = readonly number[];

/** A compiled expression. */
export interface Pattern {
  /** Returns the first match at or after an offset. */
  find(text: string, from: number, run: Run): Match | null;
  /** The group numbers by name. */
  readonly names: Readonly<Record<string, number>>;
  readonly isEmpty: boolean;
}

/** The expressions compiled in a run, so that a loop compiles each of them once. */
const compiled = new WeakMap<Run, Map<string, Pattern>>();

/** Compiles an expression. Fails with Go's error message. */
export function compile(expression: string, run: Run): Pattern {
  let known = compiled.get(run);
  if (known === undefined) compiled.set(run, (known = new Map<string, Pattern>()));
  let pattern = known.get(expression);
  if (pattern === undefined) known.set(expression, (pattern = compileAnew(expression, run)));
  return pattern;
}

/** Compiles an expression of this project once, on first use. */
export function constant(expression: string): () => Pattern {
  let pattern: Pattern | undefined;
  return () => (pattern ??= patternOf(RE2JS.compile(expression), expression));
}

/** The maximum number of parts of an expression with its repetitions expanded. */
const MOST_INSTRUCTIONS = 20_000;

/** The cost of compiling one part, in steps. */
const STEPS_PER_PART = 5;

function compileAnew(expression: string, run: Run): Pattern {
  if (!isUtf8(expression)) return failCall(`error parsing regexp: invalid UTF-8: \`${expression}\``);
  const size = expandedSize(expression);
  if (!(size <= MOST_INSTRUCTIONS)) {
    throw new LimitError(`a regular expression has more than ${MOST_INSTRUCTIONS} parts`);
  }
  run.step(size * STEPS_PER_PART);
  try {
    return patternOf(RE2JS.compile(textOf(expression)), expression);
  } catch (error) {
    if (!(error instanceof RE2JSException)) throw error;
    return failCall(bytesOf(error.message.replace(/at end of expression$/, '$&: ``')));
  }
}

/** The maximum cost of matching, in steps per byte and instruction. */
const STEPS_PER_TURN = 1 / 8;

function patternOf(machine: RE2JS, expression: string): Pattern {
  const cost = Math.max(machine.programSize() * STEPS_PER_TURN, 1);
  let last: { readonly text: string; readonly input: Buffer } | undefined;
  return {
    names: machine.namedGroups(),
    isEmpty: expression === '',
    find(text, from, run) {
      // Nothing can stop the machine between two steps, so charge for a long distance in advance.
      const far = text.length - from;
      if (far > 4096) run.step(Math.ceil((far * cost) / 16));
      if (last?.text !== text) last = { text, input: toBuffer(text) };
      const matcher = machine.matcher(last.input);
      const found = matcher.find(from);
      run.step(Math.ceil(((found ? matcher.end() : text.length) - from) * cost) + 1);
      if (!found) return null;
      const match: number[] = [];
      for (let group = 0; group <= matcher.groupCount(); group++)
        match.push(matcher.start(group), matcher.end(group));
      return match;
    },
  };
}

function runeSize(text: string, at: number): number {
  return at < text.length ? decodeRune(text, at)[1] : 0;
}

/** A search for several matches. */
export interface Search {
  readonly pattern: Pattern;
  readonly text: string;
  /** The most matches or pieces to return; negative for all. */
  readonly limit: number;
}

/** Returns the matches of a search. */
export function findAll({ pattern, text, limit }: Search, run: Run): Match[] {
  const found: Match[] = [];
  const most = limit < 0 ? text.length + 1 : limit;
  let before = -1;
  for (let at = 0; found.length < most && at <= text.length;) {
    const match = pattern.find(text, at, run);
    if (match === null) break;
    const [start = 0, end = 0] = match;
    // Ignore an empty match directly after another match.
    const accepted = end !== at || start !== before;
    at = end === at ? at + (runeSize(text, at) || 1) : end;
    before = end;
    if (!accepted) continue;
    run.allocate(16);
    found.push(match);
  }
  return found;
}

/** Replaces all matches. */
export function replaceAll(
  { pattern, text }: Omit<Search, 'limit'>,
  replacement: (match: Match) => string,
  run: Run,
): string {
  let out = '';
  let copied = 0;
  for (let at = 0; at <= text.length;) {
    const match = pattern.find(text, at, run);
    if (match === null) break;
    const [start = 0, end = 0] = match;
    const counts = end > copied || start === 0;
    const piece = counts ? replacement(match) : '';
    run.allocate(start - copied + piece.length);
    out += text.slice(copied, start) + piece;
    copied = end;
    const size = runeSize(text, at);
    at = at + size > end ? at + size : at + 1 > end ? at + 1 : end;
  }
  return out + text.slice(copied);
}

/** Splits at the matches, into at most `limit` pieces if `limit` is positive. */
export function split({ pattern, text, limit }: Search, run: Run): string[] {
  if (text === '' && !pattern.isEmpty) return [''];
  const pieces: string[] = [];
  let from = 0;
  let end = 0;
  for (const [start = 0, matchEnd = 0] of findAll({ pattern, text, limit }, run)) {
    if (limit > 0 && pieces.length === limit - 1) break;
    end = start;
    if (matchEnd !== 0) pieces.push(text.slice(from, end));
    from = matchEnd;
  }
  if (end !== text.length) pieces.push(text.slice(from));
  return pieces;
}

/** Expands `$1`, `${1}`, `$name`, `${name}` and `$$` in a replacement for a match. */
export function expand(template: string, match: Match, { pattern, text }: Omit<Search, 'limit'>): string {
  let out = '';
  for (let at = 0; at < template.length;) {
    const dollar = template.indexOf('$', at);
    if (dollar === -1) return out + template.slice(at);
    out += template.slice(at, dollar);
    at = dollar + 1;
    if (template[at] === '$') {
      out += '$';
      at++;
      continue;
    }
    const reference = referenceAt(template, at);
    if (reference === null) {
      out += '$';
      continue;
    }
    at = reference.end;
    const group = groupNumber(reference.name) ?? namedGroup(pattern, reference.name);
    const [start = -1, end = -1] = group === undefined ? [] : match.slice(2 * group, 2 * group + 2);
    if (start >= 0) out += text.slice(start, end);
  }
  return out;
}

function namedGroup({ names }: Pattern, name: string): number | undefined {
  const text = textOf(name);
  return Object.hasOwn(names, text) ? names[text] : undefined;
}

/** Parses the name after a dollar sign, in braces or as long as possible. */
function referenceAt(template: string, from: number): { readonly name: string; readonly end: number } | null {
  const braced = template[from] === '{';
  const start = braced ? from + 1 : from;
  let end = start;
  while (end < template.length) {
    const [rune, size] = decodeRune(template, end);
    if (!isLetter(rune) && !isDigit(rune) && rune !== 0x5f) break;
    end += size;
  }
  if (end === start || (braced && template[end] !== '}')) return null;
  return { name: template.slice(start, end), end: braced ? end + 1 : end };
}

/** Returns the group number that a reference denotes, or undefined if it is a name or too large. */
function groupNumber(name: string): number | undefined {
  return /^(?:0|[1-9]\d{0,8})$/.test(name) ? Number(name) : undefined;
}
