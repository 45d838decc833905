import { actionsIn } from './mask.ts';

/** A part of a template that depends on a condition: what is between `{{ if … }}` and `{{ else }}`, for example. */
export interface Branch {
  readonly start: number;
  readonly end: number;
  readonly block: Block;
}

/** A part of a template that ends with `{{ end }}`. */
export interface Block {
  /** Whether the block is a template of its own, which is `{{ define … }}`. */
  readonly isDefinition: boolean;
  /** The branch that the block is in. */
  readonly parent: Branch | undefined;
  /** The number of blocks before it in its parent. */
  readonly order: number;
  /** The offsets of the actions at which it starts and ends. */
  readonly start: number;
  readonly end: number;
  /** The first branch, and then those behind `{{ else }}`. */
  readonly branches: readonly Branch[];
}

/** A block of which the end is still to be found. */
interface OpenBlock extends Block {
  end: number;
  readonly branches: OpenBranch[];
  /** The number of blocks in the last branch. */
  children: number;
}

interface OpenBranch extends Branch {
  end: number;
}

/** Returns the blocks of a template in the order in which they start. A block that does not end is none. */
export function blocksOf(text: string): readonly Block[] {
  const blocks: OpenBlock[] = [];
  const open: OpenBlock[] = [];
  let roots = 0;
  for (const { start, end } of actionsIn(text)) {
    const word = wordOf(text.slice(start, end));
    const last = open.at(-1);
    if (OPENING.has(word)) {
      const order = last === undefined ? roots++ : last.children++;
      const parent = last?.branches.at(-1);
      const isDefinition = word === 'define';
      const block: OpenBlock = { isDefinition, parent, order, start, end: -1, branches: [], children: 0 };
      addBranch(block, end);
      blocks.push(block);
      open.push(block);
    } else if (last !== undefined && (word === 'else' || word === 'end')) {
      closeBranch(last, start);
      if (word === 'else') addBranch(last, end);
      else {
        last.end = start;
        open.pop();
      }
    }
  }
  return open.length === 0 ? blocks : [];
}

const OPENING: ReadonlySet<string> = new Set(['if', 'with', 'range', 'define', 'block']);

function wordOf(action: string): string {
  return /^\{\{-?\s*([a-z]+)/.exec(action)?.[1] ?? '';
}

function addBranch(block: OpenBlock, start: number): void {
  block.branches.push({ start, end: start, block });
  block.children = 0;
}

function closeBranch({ branches }: OpenBlock, end: number): void {
  const branch = branches.at(-1);
  if (branch !== undefined) branch.end = end;
}
