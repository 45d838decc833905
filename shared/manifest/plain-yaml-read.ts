import { MAX_DEPTH } from '../api/depth.ts';

/**
 * Reads the YAML that nearly all Secrets are written in: nested maps of keys and values on lines of their own, in
 * ASCII, without lists, blocks, anchors or comments behind a value. For such a text it returns what `parseYamlDocuments`
 * returns; for any other it returns undefined, and never guesses. It saves about a quarter of the CPU time that kubeseal
 * takes to seal 1,000 Secrets: a process does not live long enough for V8 to optimize the parser of js-yaml.
 */

type Value = string | number | boolean | null | Plain;
interface Plain {
  [key: string]: Value;
}

/** A key begins with a letter, or a dot and a letter, so that it is no number, no `<<` and no `__proto__`. */
const LINE = /^( *)(\.?[A-Za-z][A-Za-z0-9._/-]{0,250}):(?: ([^ ].*))?$/;
const EMPTY = /^ *(#[ -~]*)?$/;

const WORDS = /^[A-Za-z][A-Za-z0-9+/=._-]*(?: [A-Za-z0-9+/=._-]+)*$/;
const BASE64 = /^[A-Za-z0-9+/]+={0,2}$/;
const DOUBLE_QUOTED = /^"[ !#-[\]-~]*"$/;
const SINGLE_QUOTED = /^'[ -&(-~]*'$/;
const INTEGER = /^(?:0|[1-9][0-9]{0,8})$/;
/** What YAML 1.1 reads as something else than a string although it begins with a letter, or a dot and a letter. */
export const RESERVED = /^(?:y|n|yes|no|on|off|true|false|null|\.inf|\.nan)$/i;
/** No number, of whatever base, has one of these. */
const NOT_IN_NUMBERS = /[g-mp-wyzG-MP-WYZ/=]/;

/** A map that lines may still be added to, and the column of its keys. */
interface Open {
  readonly column: number;
  readonly map: Plain;
}

/** All documents of the text, an empty one as null, or undefined where it takes more than this to read them. */
export function parsePlainYaml(text: string): unknown[] | undefined {
  const documents: unknown[] = [];
  let open: Open[] = [];
  /** The key that the last line ended with, whose map begins on the next one. */
  let pending: string | undefined;
  /** Whether a document has begun, be it by a line of dashes alone. */
  let begun = false;

  for (const line of [...text.split('\n'), '---']) {
    if (EMPTY.test(line)) continue;
    if (line === '---') {
      if (pending !== undefined) return undefined;
      if (begun) documents.push(open[0]?.map ?? null);
      open = [];
      begun = true;
      continue;
    }
    const [, indent, key, rest] = LINE.exec(line) ?? [];
    if (indent === undefined || key === undefined || RESERVED.test(key)) return undefined;
    const map = mapAt(indent.length, open, pending);
    if (map === undefined || Object.hasOwn(map, key)) return undefined;
    // What is too deep is left to the other reader, whose errors name the place.
    if (open.length > MAX_DEPTH) return undefined;
    begun = true;
    pending = rest === undefined ? key : undefined;
    if (rest === undefined) continue;
    const value = valueOf(rest);
    if (value === undefined) return undefined;
    map[key] = value;
  }
  return documents;
}

/** The map that a line at a column belongs to: a new one behind a key without a value, else one that is open. */
function mapAt(column: number, open: Open[], pending: string | undefined): Plain | undefined {
  const last = open.at(-1);
  if (last === undefined ? column === 0 : pending !== undefined && column > last.column) {
    const map: Plain = {};
    if (last !== undefined && pending !== undefined) last.map[pending] = map;
    open.push({ column, map });
    return map;
  }
  // A key without a value, and without a map, is null: rare enough to leave to the library.
  if (pending !== undefined) return undefined;
  while ((open.at(-1)?.column ?? 0) > column) open.pop();
  const found = open.at(-1);
  return found?.column === column ? found.map : undefined;
}

function valueOf(text: string): Value | undefined {
  if (DOUBLE_QUOTED.test(text) || SINGLE_QUOTED.test(text)) return text.slice(1, -1);
  if (text === 'null') return null;
  if (text === 'true' || text === 'false') return text === 'true';
  if (INTEGER.test(text)) return Number(text);
  if (WORDS.test(text)) return RESERVED.test(text) ? undefined : text;
  return BASE64.test(text) && NOT_IN_NUMBERS.test(text) ? text : undefined;
}
