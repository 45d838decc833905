import type { Place } from '../../shared/api/place.ts';
import { jsonSpans } from '../../shared/manifest/json-read.ts';
import { YamlError } from '../../shared/manifest/yaml-error.ts';
import { parseYamlNodes } from '../../shared/manifest/yaml-nodes.ts';
import type { MapNode, Node, Pair, Range } from '../../shared/manifest/yaml-tree.ts';
import type { Manifest } from './manifest.ts';

/** Finds where the values of a manifest are written. Parses the text again, at the first question. */
export class Locator {
  readonly #manifest: Pick<Manifest, 'text' | 'format' | 'values'>;
  /** The pairs of maps by name, and by name in lower case. */
  readonly #indices = new WeakMap<MapNode, ReadonlyMap<string, Pair>>();
  #roots: readonly (Root | undefined)[] | undefined;

  constructor(manifest: Pick<Manifest, 'text' | 'format' | 'values'>) {
    this.#manifest = manifest;
  }

  /**
   * Returns the offset of a value: that of its key in a map, that of the value itself in a list. What comes from a merge
   * key or an alias is where the map or list is that uses it.
   *
   * @param place the place of an object, as `readDocuments` returned it
   * @param path the keys and indices that lead from the object to the value
   */
  offsetOf(place: Place, path: readonly (string | number)[]): number {
    const root = this.roots()[(place.document ?? 1) - 1];
    if (root === undefined) return 0;
    let at = root.node.start;
    let node: Node | undefined = root.node;
    for (const step of [...(place.path ?? []), ...path]) {
      const next: Step | undefined = this.#step(node, step);
      if (next === undefined) break;
      at = next.at;
      node = next.node;
    }
    return root.offset + at;
  }

  /** Returns the root of each document that is not empty. Undefined for one whose nodes cannot be told apart. */
  roots(): readonly (Root | undefined)[] {
    this.#roots ??= this.#readRoots();
    return this.#roots;
  }

  #readRoots(): readonly (Root | undefined)[] {
    const { text, format, values } = this.#manifest;
    const all =
      format === 'yaml'
        ? nodesOf(text).map((node) => ({ node, offset: 0 }))
        : jsonSpans(text).map(({ start, end }) => jsonRoot(text.slice(start, end), start));
    return values.flatMap((value, index) => (value === null ? [] : [all[index]]));
  }

  #step(node: Node | undefined, step: string | number): Step | undefined {
    if (node?.kind === 'list') {
      const item = typeof step === 'number' ? node.items[step] : undefined;
      return item && { at: item.start, node: item };
    }
    if (node?.kind !== 'map') return undefined;
    const pairs = this.#indexOf(node);
    const pair = pairs.get(String(step)) ?? pairs.get(String(step).toLowerCase());
    return pair && { at: pair.key.start, node: pair.value };
  }

  #indexOf(node: MapNode): ReadonlyMap<string, Pair> {
    let index = this.#indices.get(node);
    if (index === undefined) {
      const named = node.pairs.flatMap((pair) =>
        pair.name === undefined ? [] : [[pair.name, pair] as const],
      );
      index = new Map([...named.map(([name, pair]) => [name.toLowerCase(), pair] as const), ...named]);
      this.#indices.set(node, index);
    }
    return index;
  }
}

/** The root of a document, and the offset in the file that the offsets of its nodes start from. */
export interface Root {
  readonly node: Node;
  readonly offset: number;
}

interface Step {
  readonly at: number;
  readonly node: Node;
}

function jsonRoot(text: string, offset: number): Root {
  // JSON is YAML in flow style, except for some white space.
  const [node = wholeOf(text)] = nodesOf(text);
  return { node, offset };
}

function wholeOf({ length }: string): Node & Range {
  return { kind: 'scalar', style: 'plain', isNull: false, start: 0, end: length };
}

/** Returns no node for text that the parser of nodes rejects. */
function nodesOf(text: string): readonly Node[] {
  try {
    return parseYamlNodes(text);
  } catch (error) {
    if (error instanceof YamlError) return [];
    throw error;
  }
}
