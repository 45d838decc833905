/**
 * How many maps and lists may stand inside each other, in whatever is read. Kubernetes objects have some ten levels;
 * JSON.stringify, structured cloning and other recursive functions overflow the stack from some thousands on.
 */
export const MAX_DEPTH = 100;

/** Whether a tree of maps and lists, as JSON.parse gives it, is deeper than `MAX_DEPTH`. Needs no stack. */
export function isTooDeep(tree: unknown): boolean {
  let level = [tree].filter(isCollection);
  for (let depth = 1; level.length > 0; depth++) {
    if (depth > MAX_DEPTH) return true;
    level = level.flatMap((collection) => Object.values(collection).filter(isCollection));
  }
  return false;
}

function isCollection(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}
