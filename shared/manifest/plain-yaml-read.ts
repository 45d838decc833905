import { MAX_DEPTH } from '../api/depth.ts';

/**
 * A fast path for the YAML subset that nearly all Secrets use: nested maps with one key and value per line, in ASCII,
 * without lists, block scalars, anchors or trailing comments. Returns the same result as `parseYamlDocuments` for
 * such text, and undefined for any other text; it never guesses. This saves about a quarter of the CPU time that
 * kubeseal needs to seal 1,000 Secrets, because the process is too short-lived for V8 to optimize the js-yaml parser.
 */

type Value = string | number | boolean | null | Plain;
interface Plain {
  [key: string]: Value;
}

/** A key starts with a letter, or a dot and a letter, so it cannot be a number, `<<` or `__proto__`. */
const LINE = /^( *)(\.?[A-Za-z][A-Za-z0-9._/-]{0,250}):(?: ([^ ].*))?$/;
const EMPTY = /^ *(#[ -~]*)?$/;

const WORDS = /^[A-Za-z][A-Za-z0-9+/=._-]*(?: [A-Za-z0-9+/=._-]+)*$/;
const BASE64 = /^[A-Za-z0-9+/]+={0,2}$/;
const DOUBLE_QUOTED = /^"[ !#-[\]-~]*"$/;
const SINGLE_QUOTED = /^'[ -&(-~]*'$/;
const INTEGER = /^(?:0|[1-9][0-9]{0,8})$/;
/** The words that start with a letter, or a dot and a letter, but are not strings in YAML 1.1. */
export const RESERVED = /^(?:y|n|yes|no|on|off|true|false|null|\.inf|\.nan)$/i;
/** Characters that occur in no number, in any base. */
const NOT_IN_NUMBERS = /[g-mp-wyzG-MP-WYZ/=]/;

/** A map that may still receive entries, and the column of its keys. */
interface Open {
  readonly column: number;
  readonly map: Plain;
}

/** Returns all documents of the text, empty ones as null, or undefined if the text needs the full parser. */
export function parsePlainYaml(text: string): unknown[] | undefined {
  const documents: unknown[] = [];
  let open: Open[] = [];
  /** The key on the previous line if it has no value yet; its map starts on the next line. */
  let pending: string | undefined;
  /** Whether the current document has started, even if only with a `---` line. */
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
    // Leave text that is nested too deeply to the full parser, whose errors include the position.
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

/** Returns the map for a line at the given column: a new one after a key without a value, otherwise an open one. */
function mapAt(column: number, open: Open[], pending: string | undefined): Plain | undefined {
  const last = open.at(-1);
  if (last === undefined ? column === 0 : pending !== undefined && column > last.column) {
    const map: Plain = {};
    if (last !== undefined && pending !== undefined) last.map[pending] = map;
    open.push({ column, map });
    return map;
  }
  // A key without a value or a map is null. This is rare, so leave it to the full parser.
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
