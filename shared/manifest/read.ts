import type { Place } from '../api/place.ts';
import { isObject, Reader } from '../api/reader.ts';
import { refuseUtf16 } from '../api/utf16.ts';
import { fail as failObject } from '../api/errors.ts';
import { fail } from './errors.ts';
import { JsonError, parseJsonDocuments } from './json-read.ts';
import { parsePlainYaml } from './plain-yaml-read.ts';
import { lineAndColumn, YamlError } from './yaml-error.ts';
import type { YamlOptions } from './yaml-events.ts';
import { parseYamlDocuments } from './yaml-read.ts';

/** One document of an input, not yet validated, and its place. */
export interface Document {
  readonly value: unknown;
  readonly place: Place;
}

/**
 * Splits an input into its documents: one or more JSON or YAML documents, in UTF-8 with or without a byte order mark.
 * Skips empty documents and replaces each `kind: List` with its items. Throws `NotUtf8` or `Syntax`.
 */
export function readDocuments(bytes: Uint8Array, source: string): Document[] {
  const { values } = parseText(decodeText(bytes, source), source);
  return filledDocuments(values, source).flatMap((document) => listedDocuments(document));
}

/** Returns the documents of a text that are not empty, with their places. */
export function filledDocuments(values: readonly unknown[], source: string): Document[] {
  const filled = values.filter((value) => value !== null);
  return filled.map((value, index) => ({
    value,
    place: filled.length === 1 ? { source } : { source, document: index + 1 },
  }));
}

/** Decodes an input and removes its byte order mark. Throws `NotUtf8`. */
export function decodeText(bytes: Uint8Array, source: string): string {
  refuseUtf16(bytes, source);
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    // Neither JSON nor YAML allows NUL.
    if (!text.includes('\0')) return text;
  } catch {
    // Reported below.
  }
  return failObject({ code: 'NotUtf8', at: source });
}

/** The values of all documents of a text, empty ones as null, and the format of the text. */
export interface Parsed {
  readonly format: 'json' | 'yaml';
  readonly values: readonly unknown[];
}

/**
 * Parses a text that starts with a brace or bracket as JSON, and as YAML if it is not valid JSON, as Go's decoders
 * do. Throws `Syntax`.
 */
export function parseText(text: string, source: string, options?: YamlOptions): Parsed {
  const json = /^\s*[{[]/.test(text) ? readJson(text) : undefined;
  if (json !== undefined && !(json instanceof JsonError)) return { format: 'json', values: json };
  const yaml = json?.duplicate ? json : readYaml(text, options);
  if (!(yaml instanceof Error)) return { format: 'yaml', values: yaml };
  const { message, line, column } = placed(json ?? yaml, text);
  return fail({ code: 'Syntax', at: source, problem: message, line, column });
}

function readJson(text: string): unknown[] | JsonError {
  try {
    return parseJsonDocuments(text);
  } catch (error) {
    if (error instanceof JsonError) return error;
    throw error;
  }
}

function readYaml(text: string, options?: YamlOptions): unknown[] | YamlError {
  try {
    return parsePlainYaml(text) ?? parseYamlDocuments(text, options);
  } catch (error) {
    if (error instanceof YamlError) return error;
    throw error;
  }
}

function placed(
  error: JsonError | YamlError,
  text: string,
): { message: string; line: number; column: number } {
  if (error instanceof YamlError) return error;
  return { message: error.message, ...lineAndColumn(text, error.offset) };
}

/** Nested lists are rare, and a list that contains itself through an alias would never end. */
const MAX_LISTS = 8;

/**
 * Returns the items of a `kind: List`, and of Lists in it; any other document as it is. Throws `TooDeep`, and `WrongType`
 * for items that are no list.
 */
export function listedDocuments(document: Document, depth = 0): Document[] {
  const { value, place } = document;
  if (!isObject(value)) return [document];
  const reader = new Reader(value, place);
  if (reader.value('kind') !== 'List') return [document];
  if (depth === MAX_LISTS) fail({ code: 'TooDeep', at: place.source });
  return reader.list('items').flatMap((item) => listedDocuments(item, depth + 1));
}

/** Returns the documents. Throws `NoDocument` if there are none; `wanted` names the expected kind. */
export function requireDocuments(
  documents: readonly Document[],
  source: string,
  wanted: string,
): readonly Document[] {
  return documents.length > 0 ? documents : fail({ code: 'NoDocument', at: source, wanted });
}
