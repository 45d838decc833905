import type { Node, Range } from '../../shared/manifest/yaml-tree.ts';
import { ignoreComments, type IgnoreComment } from './ignore-comments.ts';
import { Lines } from './lines.ts';
import type { Root } from './locate.ts';
import type { Finding, Problem } from './problem.ts';
import { ruleOf, type RuleId } from './rules.ts';

/** A comment that has no effect, and why. */
export interface UselessComment extends Pick<Problem, 'message' | 'advice'> {
  readonly offset: number;
}

/** The lines or the document that comments are about, and one of their rules. */
interface Target {
  isUsed: boolean;
}

/** Which findings of a file its comments ignore. */
export class Ignores {
  readonly #comments: readonly IgnoreComment[];
  readonly #places: Places;
  /** By line or document, and rule. */
  readonly #targets = new Map<string, Target>();

  private constructor(comments: readonly IgnoreComment[], places: Places) {
    this.#comments = comments;
    this.#places = places;
    for (const comment of comments) {
      for (const rule of comment.rules) this.#targets.set(this.#keyOf(comment, rule), { isUsed: false });
    }
  }

  /** Returns what ignores nothing. */
  static none(): Ignores {
    return new Ignores([], { lines: new Lines(''), documents: [], scalars: [], next: (line) => line });
  }

  /** Returns the comments of a file of YAML, without those that are a part of a text in it. */
  static ofYaml(text: string, roots: readonly (Root | undefined)[], lines: Lines): Ignores {
    const comments = ignoreComments(text, 'yaml');
    const known = comments.length === 0 ? [] : roots.filter((root) => root !== undefined);
    const scalars = known.flatMap(scalarsIn);
    const isText = (offset: number): boolean => offset < (lastBefore(scalars, offset)?.end ?? 0);
    return new Ignores(
      comments.filter(({ offset }) => !isText(offset)),
      { lines, documents: documentsOf(text, known), scalars, next: nextContent(text) },
    );
  }

  /** Returns the comments of any other file. */
  static ofOther(text: string, lines: Lines): Ignores {
    return new Ignores(ignoreComments(text, 'other'), {
      lines,
      documents: [],
      scalars: [],
      next: nextContent(text),
    });
  }

  /** Returns the findings that no comment ignores. */
  remaining<T extends Pick<Finding, 'rule' | 'line' | 'column'>>(findings: readonly T[]): readonly T[] {
    if (this.#targets.size === 0) return findings;
    const { lines, documents, scalars } = this.#places;
    return findings.filter(({ rule, line, column }) => {
      const document = lastBefore(documents, lines.endOf(line));
      const offset = lines.offsetOf({ line, column });
      const scalar = lastBefore(scalars, offset);
      const keys = [lineKey(line, rule), ...(document === undefined ? [] : [documentKey(document, rule)])];
      // A comment inside of a text would be a part of it.
      if (scalar !== undefined && offset < scalar.end)
        keys.push(lineKey(lines.positionOf(scalar.start).line, rule));
      const targets = keys.flatMap((key) => this.#targets.get(key) ?? []);
      for (const target of targets) target.isUsed = true;
      return targets.length === 0;
    });
  }

  /**
   * Returns the comments that ignored nothing in `remaining`, and those that are malformed.
   *
   * @param isApplied whether a rule was applied, so that a comment about it must have an effect
   */
  useless(isApplied: (rule: RuleId) => boolean): readonly UselessComment[] {
    return this.#comments.flatMap((comment) => {
      const { offset, problem, rules } = comment;
      if (problem !== undefined) return [{ offset, ...problem }];
      const unused = rules.filter(
        (rule) => this.#targets.get(this.#keyOf(comment, rule))?.isUsed === false && isApplied(rule),
      );
      return unused.map((rule) => ({
        offset,
        message: `the comment to ignore ${rule} (${ruleOf(rule).name}) has no effect: there is nothing to ignore`,
        advice: 'remove it',
      }));
    });
  }

  /** Before its first value, a comment is about the whole document; on a line of its own, about the next line. */
  #keyOf({ offset, isAlone }: IgnoreComment, rule: RuleId): string {
    const { lines, documents, next } = this.#places;
    const document = lastBefore(documents, offset);
    if (document !== undefined && offset < document.content) return documentKey(document, rule);
    const { line } = lines.positionOf(offset);
    return lineKey(isAlone ? next(line) : line, rule);
  }
}

function lineKey(line: number, rule: RuleId): string {
  return `line ${line} ${rule}`;
}

function documentKey({ start }: DocumentRange, rule: RuleId): string {
  return `document ${start} ${rule}`;
}

/** Where things are in a file. */
interface Places {
  readonly lines: Lines;
  readonly documents: readonly DocumentRange[];
  /** In the order of the text. */
  readonly scalars: readonly Range[];
  /** Returns the first line behind a line that is not a comment. */
  readonly next: (line: number) => number;
}

/** A document of a file, in offsets: where its head comment may begin, and where its first value does. */
interface DocumentRange {
  readonly start: number;
  readonly content: number;
}

function documentsOf(text: string, roots: readonly Root[]): readonly DocumentRange[] {
  let before = 0;
  return roots.map(({ node, offset }) => {
    const content = offset + node.start;
    const marker = text.slice(before, content).lastIndexOf('\n---');
    const start = before + marker + 1;
    before = offset + node.end;
    return { start, content };
  });
}

/** Returns a function that returns the first line behind a line that is not a comment. */
function nextContent(text: string): (line: number) => number {
  let next: number[] | undefined;
  return (line) => {
    next ??= targetsOf(text.split('\n'));
    return next[line - 1] ?? line;
  };
}

function targetsOf(lines: readonly string[]): number[] {
  const targets: number[] = [];
  for (let index = lines.length - 1; index >= 0; index--) {
    const isComment = /^[ \t]*(?:#|\/\/|;|--(?!-)|\/\*|<!--)/.test(lines[index + 1] ?? '');
    targets[index] = isComment ? (targets[index + 1] ?? index + 2) : index + 2;
  }
  return targets;
}

/** Returns the ranges of all scalars, in the order of the text. */
function scalarsIn({ node, offset }: Root): readonly Range[] {
  const scalars: Range[] = [];
  const visit = (each: Node): void => {
    if (each.kind === 'scalar') scalars.push({ start: each.start + offset, end: each.end + offset });
    else if (each.kind === 'list') each.items.forEach(visit);
    else if (each.kind === 'map') each.pairs.forEach(({ value }) => visit(value));
  };
  visit(node);
  return scalars;
}

/** Returns the last of sorted ranges that starts at an offset or before it. */
function lastBefore<T extends { readonly start: number }>(
  ranges: readonly T[],
  offset: number,
): T | undefined {
  let low = 0;
  let high = ranges.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((ranges[middle]?.start ?? 0) <= offset) low = middle + 1;
    else high = middle;
  }
  return ranges[low - 1];
}
