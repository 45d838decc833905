/** `merge` and `mergeOverwrite`, as `dario.cat/mergo` merges maps: into the first one. */
import { failCall, type Run } from '../function.ts';
import { Dict, Struct, type Value } from '../value.ts';
import { isEmpty } from './equal.ts';

/** A map may hold itself, and Go would never come back. */
const MAX_DEPTH = 1000;

/** Merges one map into another. Without `overwrite` only what is missing or empty is taken over. */
export function merge(into: Dict, from: Dict, overwrite: boolean, run: Run, depth = 0): void {
  if (depth > MAX_DEPTH) failCall('maps are nested too deep to merge');
  for (const [key, value] of [...from.entries]) {
    run.step();
    const before = into.entries.get(key);
    if (value === null) {
      if (overwrite) put(into, key, value, run);
      continue;
    }
    const bothDicts = value instanceof Dict && before instanceof Dict;
    if (bothDicts) merge(before, value, overwrite, run, depth + 1);
    if (before instanceof Struct && !overwrite) checkPointer(before, value);
    const filled = before !== undefined && !isVacant(before);
    if (!filled || (overwrite && !bothDicts)) put(into, key, value, run);
  }
}

/** What a pointer points to is merged only with its like. */
function checkPointer(before: Struct, value: Value): void {
  const merged = value instanceof Dict || value instanceof Struct;
  if (before.type.kind === 'ptr' && merged && value.type !== before.type) {
    failCall('src and dst must be of same type');
  }
}

/** What counts as empty to mergo: as to Sprig, and no struct ever. */
function isVacant(value: Value): boolean {
  return !(value instanceof Struct) && isEmpty(value);
}

function put(into: Dict, key: string, value: Value, run: Run): void {
  if (!into.type.elem.holds(value)) {
    failCall(
      `reflect.Value.SetMapIndex: value of type interface {} is not assignable to type ${into.type.elem.name}`,
    );
  }
  run.allocate(16);
  into.entries.set(key, value);
}
