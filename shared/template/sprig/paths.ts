/** Go's `path` package. Sprig's `os…` variants are the same on Linux. */
import { posix } from 'node:path';
import { define } from '../function.ts';
import { BOOL, STRING } from '../value.ts';
import type { FunctionTable } from './table.ts';

/** Returns the shortest equivalent path. */
function clean(path: string): string {
  const normal = posix.normalize(path);
  return normal.length > 1 && normal.endsWith('/') ? normal.slice(0, -1) : normal;
}

/** Returns all but the last element, cleaned. */
function dirname(path: string): string {
  return clean(path.slice(0, path.lastIndexOf('/') + 1));
}

function basename(path: string): string {
  if (path === '') return '.';
  const trimmed = path.replace(/(?<!\/)\/+$/, '');
  return trimmed.slice(trimmed.lastIndexOf('/') + 1) || '/';
}

/** Returns the part of the last element that starts at its last dot. */
function extension(path: string): string {
  const dot = path.lastIndexOf('.');
  return dot > path.lastIndexOf('/') ? path.slice(dot) : '';
}

const base = define([STRING], STRING, ([path]) => basename(path));
const dir = define([STRING], STRING, ([path]) => dirname(path));
const cleaned = define([STRING], STRING, ([path]) => clean(path));
const ext = define([STRING], STRING, ([path]) => extension(path));
const isAbs = define([STRING], BOOL, ([path]) => path.startsWith('/'));

/** Sprig's path functions. */
export const PATHS: FunctionTable = {
  base,
  osBase: base,
  dir,
  osDir: dir,
  clean: cleaned,
  osClean: cleaned,
  ext,
  osExt: ext,
  isAbs,
  osIsAbs: isAbs,
};
