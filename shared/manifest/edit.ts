import { showPlace, type Place } from '../api/place.ts';
import { isObject } from '../api/reader.ts';
import { fail } from './errors.ts';
import { JsonError, jsonSpans } from './json-read.ts';
import { decodeText, parseText, type Parsed } from './read.ts';
import { removalsFor, removesKeys } from './removal.ts';
import {
  applySplices,
  CannotSplice,
  REMOVED,
  splicesFor,
  type Patch,
  type PatchMap,
  type Splice,
} from './splice.ts';
import { YamlError } from './yaml-error.ts';
import { parseYamlNodes } from './yaml-nodes.ts';

/** The strings to set and the keys to remove in one document of a file. */
export interface Edit {
  /** The place of the document, as `readDocuments` returned it. */
  readonly place: Place;
  readonly patch: PatchMap;
}

const BOM = '\ufeff';
const BOM_BYTES = [0xef, 0xbb, 0xbf];

/**
 * Returns the text of the file with the edits applied and every other byte unchanged: comments, key order, quotes,
 * line endings, other documents. Parses the result again and compares it, so an edit either does exactly what was
 * requested or fails. Throws `CannotEdit`, and whatever `readDocuments` throws.
 */
export function editDocuments(bytes: Uint8Array, source: string, edits: readonly Edit[]): string {
  const text = decodeText(bytes, source);
  const before = parseText(text, source);
  const patches = byDocument(edits, before.values);
  let after: string;
  try {
    after = applySplices(text, splices(text, before, { patches, find: splicesFor }));
    // Keys are removed last, so that new keys are put between the old ones.
    if ([...patches.values()].some(removesKeys)) {
      after = applySplices(after, splices(after, before, { patches, find: removalsFor }));
    }
  } catch (error) {
    // The first splices may have made a text that cannot be parsed.
    const isBroken = error instanceof YamlError || error instanceof JsonError;
    if (!isBroken && !(error instanceof CannotSplice)) throw error;
    return cannotEdit(edits);
  }
  if (!isAsRequested(before, { text: after, source }, patches)) cannotEdit(edits);
  return BOM_BYTES.every((byte, index) => bytes[index] === byte) ? BOM + after : after;
}

function cannotEdit(edits: readonly Edit[]): never {
  const [edit] = edits;
  return fail({ code: 'CannotEdit', at: edit ? showPlace(edit.place) : '' });
}

/** Groups the edits by the index of their document, counting empty documents. */
function byDocument(edits: readonly Edit[], values: readonly unknown[]): Map<number, PatchMap> {
  const positions = filledPositions(values);
  const patches = new Map<number, PatchMap>();
  for (const { place, patch } of edits) {
    const position = positions[(place.document ?? 1) - 1] ?? 0;
    const whole = (place.path ?? []).reduceRight<PatchMap>((inner, step) => new Map([[step, inner]]), patch);
    patches.set(position, merged(patches.get(position), whole));
  }
  return patches;
}

/** Returns the indexes of the documents that are not empty. */
function filledPositions(values: readonly unknown[]): number[] {
  return values.flatMap((value, index) => (value === null ? [] : [index]));
}

/** Combines two patches. If both are about the same key, the second one wins. */
function merged(first: Patch | undefined, second: PatchMap): PatchMap {
  const both = new Map<string | number, Patch>(isLeaf(first) ? [] : first);
  for (const [key, value] of second) {
    both.set(key, isLeaf(value) ? value : merged(both.get(key), value));
  }
  return both;
}

/** Whether a patch is no map. */
function isLeaf(patch: Patch | undefined): patch is Exclude<Patch, PatchMap> | undefined {
  return typeof patch !== 'object';
}

interface Patches {
  readonly patches: ReadonlyMap<number, PatchMap>;
  /** Finds the splices of one document. */
  readonly find: typeof splicesFor;
}

function splices(text: string, before: Parsed, { patches, find }: Patches): Splice[] {
  if (before.format === 'yaml') {
    const documents = parseYamlNodes(text);
    return [...patches].flatMap(([position, patch]) => {
      const document = documents[position];
      return document ? find(document, text, patch) : [];
    });
  }
  // JSON is YAML in flow style, except that JSON documents may follow each other without a separator.
  const spans = jsonSpans(text);
  return [...patches].flatMap(([position, patch]) => {
    const { start, end } = spans[position] ?? { start: 0, end: 0 };
    const slice = text.slice(start, end);
    const [document] = parseYamlNodes(slice);
    const found = document ? find(document, slice, patch) : [];
    return found.map((splice) => ({ ...splice, start: splice.start + start, end: splice.end + start }));
  });
}

/** Whether the edited text differs from the original by the patches and by nothing else. */
function isAsRequested(
  before: Parsed,
  { text, source }: { readonly text: string; readonly source: string },
  patches: ReadonlyMap<number, PatchMap>,
): boolean {
  let after: readonly unknown[];
  try {
    after = parseText(text, source).values;
  } catch {
    return false;
  }
  const old = before.values;
  return old.length === after.length && old.every((value, i) => isPatched(value, after[i], patches.get(i)));
}

/** Whether `after` equals `before` with the patch applied and nothing else changed. */
function isPatched(before: unknown, after: unknown, patch: Patch | undefined): boolean {
  if (typeof patch === 'string') return after === patch;
  // Checked where the key was.
  if (patch === REMOVED) return false;
  if (Array.isArray(after)) {
    const old: readonly unknown[] = Array.isArray(before) ? before : [];
    return (
      Array.isArray(before) &&
      old.length === after.length &&
      after.every((item, i) => isPatched(old[i], item, patch?.get(i)))
    );
  }
  if (!isObject(after)) return patch === undefined && before === after;
  if (patch === undefined && !isObject(before)) return false;
  const was = fieldsOf(before);
  const is = fieldsOf(after);
  const changes = [...(patch ?? [])];
  const removed = new Set(changes.flatMap(([key, value]) => (value === REMOVED ? [String(key)] : [])));
  const asked = new Map(
    changes
      .filter(([, value]) => value !== REMOVED)
      .map(([key, value]) => [nameIn(is, String(key)), value] as const),
  );
  return (
    [...removed].every((key) => was.has(key) && !is.has(key)) &&
    [...is.keys()].every((key) => was.has(key) || asked.has(key)) &&
    [...was.keys(), ...asked.keys()].every(
      (key) => removed.has(key) || (is.has(key) && isPatched(was.get(key), is.get(key), asked.get(key))),
    )
  );
}

function fieldsOf(value: unknown): Map<string, unknown> {
  return new Map(isObject(value) ? (Object.entries(value) as [string, unknown][]) : []);
}

/** Returns the name as spelled in `fields`, which may differ in letter case. */
function nameIn(fields: ReadonlyMap<string, unknown>, name: string): string {
  if (fields.has(name)) return name;
  return [...fields.keys()].find((key) => key.toLowerCase() === name.toLowerCase()) ?? name;
}
