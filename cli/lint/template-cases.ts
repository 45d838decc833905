import { Failure } from '../../shared/errors.ts';
import { blank } from './mask.ts';
import { Lines } from './lines.ts';
import type { Block, Branch } from './template-blocks.ts';

/** A template of which not all branches fit into one text. */
export interface Template<T> {
  /** The text without its actions. */
  readonly masked: string;
  readonly blocks: readonly Block[];
  /** Parses a text of the same length as the template. */
  readonly parse: (text: string) => T | Failure;
}

/** What the branches of a template hold. */
export interface Cases<T> {
  /** What was parsed. Every branch is in one of them, apart from `unread`. */
  readonly parsed: readonly T[];
  /** The branches that could not be read, without those that are in others of them. */
  readonly unread: readonly Branch[];
  /** Why they could not be read. */
  readonly failure: Failure | undefined;
}

/** The most texts that are parsed for one template, and the most characters of them together. */
const MAX_ATTEMPTS = 64;
const MAX_CHARACTERS = 1 << 24;

/**
 * Parses a template in which branches contradict each other, as those of `{{ if }}` and `{{ else }}` do that have the
 * same keys: several times, each time with other branches, until every branch was read.
 */
export function parseCases<T extends object>(template: Template<T>): Cases<T> {
  const search = new CaseSearch(template);
  const parsed: T[] = [];
  let failure: Failure | undefined;
  while (search.hasNext()) {
    const result = search.next();
    if (result instanceof Failure) failure = result;
    else if (result !== undefined) parsed.push(result);
  }
  return { parsed, unread: search.unread(), failure };
}

/** The branch of a block that the next attempt may have. */
interface Choice {
  readonly branch: Branch;
  /** Whether there is something in it that was not read. */
  readonly isWanted: boolean;
}

class CaseSearch<T extends object> {
  readonly #template: Template<T>;
  readonly #lines: Lines;
  readonly #base: string;
  /** The branches that were in a text that was parsed. */
  readonly #read = new Set<Branch>();
  /** The branches that were tried in vain. */
  readonly #failed = new Set<Branch>();
  /** The branches that do not fit to blocks before them. */
  readonly #contradicting = new Set<Branch>();
  #attempts = 0;
  #isDone = false;

  constructor(template: Template<T>) {
    this.#template = template;
    this.#lines = new Lines(template.masked);
    this.#base = withSeparators(template.masked, template.blocks, this.#lines);
  }

  hasNext(): boolean {
    const size = this.#attempts * this.#base.length;
    return !this.#isDone && this.#attempts < MAX_ATTEMPTS && size < MAX_CHARACTERS;
  }

  /** Makes one attempt. Returns undefined if it only showed which branch does not fit. */
  next(): T | Failure | undefined {
    this.#attempts++;
    const shown = this.#choose();
    const fresh = [...shown].filter((branch) => !this.#read.has(branch));
    const isFirst = this.#read.size === 0;
    if (fresh.length === 0 && !isFirst) {
      this.#isDone = true;
      return undefined;
    }
    const result = this.#template.parse(this.#textWith(shown));
    if (!(result instanceof Failure)) {
      for (const branch of fresh) this.#read.add(branch);
      if (fresh.length === 0) this.#isDone = true;
      return result;
    }
    const culprit = this.#branchAt(result, shown);
    if (culprit !== undefined && this.#canLeaveOut(culprit)) {
      this.#contradicting.add(culprit);
      if (culprit.block.isDefinition) this.#failed.add(culprit);
      return culprit.block.isDefinition ? result : undefined;
    }
    for (const branch of fresh) this.#failed.add(branch);
    if (isFirst) this.#isDone = true;
    return result;
  }

  unread(): readonly Branch[] {
    return this.#template.blocks
      .filter(({ parent }) => parent === undefined || this.#read.has(parent))
      .flatMap(({ branches }) => branches.filter((branch) => !this.#read.has(branch)));
  }

  /** Chooses the branches of the next attempt: those that are wanted, and the first one of other blocks. */
  #choose(): ReadonlySet<Branch> {
    const shown = new Set<Branch>();
    const choices = this.#choices();
    const turns = this.#turns(choices);
    for (const [block, { branch }] of choices) {
      if (block.parent !== undefined && !shown.has(block.parent)) continue;
      const turn = turns.get(block.parent);
      const isShown = this.#contradicting.has(branch)
        ? turn === block
        : turn === undefined || block.order > turn.order;
      if (isShown) shown.add(branch);
    }
    return shown;
  }

  /** Returns the branch of each block that is wanted, or else the first one. */
  #choices(): ReadonlyMap<Block, Choice> {
    const wanted = new Set<Branch>();
    for (const { branches, parent } of [...this.#template.blocks].reverse()) {
      for (const branch of branches) {
        if (this.#failed.has(branch)) wanted.delete(branch);
        else if (!this.#read.has(branch)) wanted.add(branch);
      }
      if (parent !== undefined && branches.some((branch) => wanted.has(branch))) wanted.add(parent);
    }
    const choices = new Map<Block, Choice>();
    for (const block of this.#template.blocks) {
      const branch = block.branches.find((each) => wanted.has(each)) ?? block.branches[0];
      if (branch !== undefined) choices.set(block, { branch, isWanted: wanted.has(branch) });
    }
    return choices;
  }

  /**
   * Returns, for each branch, the next block in it that does not fit to those before it. They have been read and are left
   * out for it.
   */
  #turns(choices: ReadonlyMap<Block, Choice>): ReadonlyMap<Branch | undefined, Block> {
    const turns = new Map<Branch | undefined, Block>();
    // At first, as much as possible is read together.
    if (this.#read.size === 0) return turns;
    for (const [block, { branch, isWanted }] of choices) {
      if (isWanted && this.#contradicting.has(branch) && !turns.has(block.parent))
        turns.set(block.parent, block);
    }
    return turns;
  }

  #canLeaveOut(branch: Branch): boolean {
    if (this.#contradicting.has(branch)) return false;
    return branch.block.isDefinition || branch.block.order > 0;
  }

  /** Returns the innermost branch in which a failure is. */
  #branchAt({ details }: Failure, shown: ReadonlySet<Branch>): Branch | undefined {
    if (!('line' in details) || typeof details.line !== 'number') return undefined;
    const column = 'column' in details && typeof details.column === 'number' ? details.column : 1;
    const at = this.#lines.offsetOf({ line: details.line, column });
    let found: Branch | undefined;
    for (const branch of shown) if (branch.start <= at && at <= branch.end) found = branch;
    return found;
  }

  /** Returns the text with these branches, and blanks in place of the others. */
  #textWith(shown: ReadonlySet<Branch>): string {
    let text = '';
    let at = 0;
    const hidden = this.#template.blocks
      .flatMap(({ branches }) => branches.filter((branch) => !shown.has(branch)))
      .sort((a, b) => a.start - b.start);
    for (const { start, end } of hidden) {
      if (end <= at) continue;
      text += this.#base.slice(at, Math.max(at, start)) + blank(this.#base.slice(Math.max(at, start), end));
      at = end;
    }
    return text + this.#base.slice(at);
  }
}

/** Makes documents of definitions: puts a separator on the lines at which they start and end. */
function withSeparators(masked: string, blocks: readonly Block[], lines: Lines): string {
  const offsets = blocks
    .filter(({ isDefinition, parent }) => isDefinition && parent === undefined)
    .flatMap(({ start, end }) => [start, end])
    .map((offset) => offset - lines.positionOf(offset).column + 1);
  let text = '';
  let at = 0;
  for (const offset of offsets) {
    const isBlank = /^[ \t]{3,}(?:\r?\n|$)/.test(masked.slice(offset, offset + 500));
    if (offset < at || !isBlank) continue;
    text += `${masked.slice(at, offset)}---`;
    at = offset + 3;
  }
  return text + masked.slice(at);
}
