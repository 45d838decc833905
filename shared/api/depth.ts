/**
 * The deepest accepted nesting of maps and lists in any input. Kubernetes objects have about ten levels.
 * JSON.stringify, structured cloning and other recursive functions overflow the stack at a few thousand.
 */
export const MAX_DEPTH = 100;

/**
 * Returns whether a tree of maps and lists, such as a result of JSON.parse, is deeper than `MAX_DEPTH`. Not recursive.
 */
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
