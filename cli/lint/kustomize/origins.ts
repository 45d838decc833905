import { join } from 'node:path';
import { resolvedPath } from './resolved-path.ts';

/** The annotation of an origin, as Kustomize writes it, and the end of the line before. */
const ANNOTATION = / {4}config\.kubernetes\.io\/origin: \|\n(?: {6}.*\n)*/y;

/**
 * Removes the annotations of origins from what Kustomize printed, so that lines are those of a build without them. Only
 * metadata of objects is changed: a value may hold the same text.
 */
export function withoutOrigins(text: string): string {
  const kept: string[] = [];
  let at = 0;
  for (const { index, 0: start } of text.matchAll(/^metadata:\n {2}annotations:\n/gm)) {
    const first = index + start.length;
    const end = endOfAnnotations(text, first);
    const annotations = text.slice(first, end);
    const left = removed(annotations);
    if (left === annotations) continue;
    kept.push(text.slice(at, left === '' ? index + 'metadata:\n'.length : first), left);
    at = end;
  }
  return kept.join('') + text.slice(at);
}

/** Returns where the lines end that are indented by four spaces or more. */
function endOfAnnotations(text: string, start: number): number {
  const lines = /(?: {4}.*\n|\n)*/y;
  lines.lastIndex = start;
  return start + (lines.exec(text)?.[0].length ?? 0);
}

function removed(annotations: string): string {
  for (let at = 0; at >= 0 && at < annotations.length; at = annotations.indexOf('\n', at) + 1) {
    ANNOTATION.lastIndex = at;
    const found = ANNOTATION.exec(annotations);
    if (found) return annotations.slice(0, at) + annotations.slice(at + found[0].length);
    if (!annotations.includes('\n', at)) break;
  }
  return annotations;
}

/** Returns the real path of the file that an object is from. Undefined for other origins, such as generators. */
export function originOf(annotation: string, from: string): string | undefined {
  // An object of another repository has the repository in the next line.
  const path = /^path: (.+)\n?$/.exec(annotation)?.[1];
  return path === undefined ? undefined : resolvedPath(join(from, path));
}
