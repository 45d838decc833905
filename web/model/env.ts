import { quotesNote, readEnvLines } from '../../shared/input/env-lines.ts';
import { utf8Bytes } from '../../shared/bytes.ts';
import { noteAt } from './messages.ts';
import { sourceOf } from './sources.ts';
import type { Pasted, RecognizedItems } from './types.ts';

/** Whether the name of a file says that it has `NAME=VALUE` lines: `.env`, `prod.env`, `.env.local`. */
export function isEnvName(fileName: string): boolean {
  return /(?:^|\.)env(?:\.[\w-]+)?$/i.test(fileName);
}

/** A line that is a variable, a comment, or empty. */
const LINE = /^\s*(?:#.*|[A-Za-z_][\w.-]*=.*)?$/;

/** One line of base64 with its padding, which is a value and no name. */
const PADDED = /^\s*\S+={1,2}\s*$/;

/** Whether each line of a text is `NAME=VALUE`, a comment, or empty. */
export function looksLikeEnv(text: string): boolean {
  if (!text.includes('=') || PADDED.test(text)) return false;
  return text.split(/\r?\n/).every((line) => LINE.test(line));
}

/** Returns the items of a file with `NAME=VALUE` lines. A name without a value gets an empty one. */
export function envItems(file: Pasted): RecognizedItems {
  const source = sourceOf(file);
  const lines = readEnvLines(file.bytes, source);
  const note = quotesNote(lines, source);
  return {
    kind: 'items',
    items: lines.map(({ name, value = '' }) => ({ name, value: utf8Bytes(value) })),
    messages: note === undefined ? [] : [noteAt({ name: 'items' }, note)],
  };
}
