import { isCollection, visit, type Alias, type Document, type LineCounter, type Node } from 'yaml';
import { MAX_DEPTH } from '../api/depth.ts';
import { YamlError } from './yaml-error.ts';

/** How many aliases one document may have, each counted as often as it is repeated by others. */
const MAX_ALIASES = 1000;
/** How much text the aliases of all documents of a text may stand for, in UTF-16 units. */
const MAX_EXPANSION = 16 * 1024 * 1024;

/** A part of a document as it is repeated by aliases. */
interface Part {
  /** How many maps and lists it stands in. */
  readonly depth: number;
  /** What the aliases on the way to it stand for. */
  readonly open: readonly Node[];
  /** Where the first alias on the way to it stands; undefined in the document itself. */
  readonly alias: Alias | undefined;
}

/**
 * Refuses documents that are too deep, or that are small only because of their aliases (CVE-2003-1564): those of
 * which one holds itself, and those that repeat too much. Throws `YamlError` with the place of the alias.
 */
export class Aliases {
  readonly #lines: LineCounter;
  #left = MAX_EXPANSION;

  /** For all documents of one text. */
  constructor(lines: LineCounter) {
    this.#lines = lines;
  }

  check(document: Document.Parsed): void {
    this.#checkPart(document, { depth: 0, open: [], alias: undefined }, targetsIn(document), { count: 0 });
  }

  #checkPart(
    root: Document.Parsed | Node,
    { depth, open, alias: first }: Part,
    targets: ReadonlyMap<Alias, Node | undefined>,
    repeated: { count: number },
  ): void {
    visit(root, {
      Collection: (_, node, path) => {
        if (depth + path.filter(isCollection).length < MAX_DEPTH) return;
        throw this.#error(`nesting deeper than ${MAX_DEPTH}`, first ?? node);
      },
      Alias: (_, alias, path) => {
        const target = targets.get(alias);
        if (target === undefined) throw this.#error('an alias is unknown', alias);
        if (open.includes(target)) throw this.#error('an alias stands for what it is in', alias);
        this.#left -= lengthOf(target);
        if (++repeated.count > MAX_ALIASES || this.#left < 0) throw this.#error('aliases multiply', alias);
        const part = {
          depth: depth + path.filter(isCollection).length,
          open: [...open, target],
          alias: first ?? alias,
        };
        this.#checkPart(target, part, targets, repeated);
      },
    });
  }

  #error(problem: string, { range }: Node): YamlError {
    return YamlError.at(problem, range?.[0] ?? 0, this.#lines);
  }
}

/** What each alias stands for: the last node before it with the anchor. */
function targetsIn(document: Document.Parsed): ReadonlyMap<Alias, Node | undefined> {
  const anchors = new Map<string, Node>();
  const targets = new Map<Alias, Node | undefined>();
  visit(document, {
    Alias: (_, alias) => void targets.set(alias, anchors.get(alias.source)),
    Value: (_, node) => {
      if (node.anchor !== undefined) anchors.set(node.anchor, node);
    },
  });
  return targets;
}

function lengthOf({ range }: Node): number {
  return range ? range[1] - range[0] : 0;
}
