/** `merge` and `mergeOverwrite`, which merge maps into the first one, as `dario.cat/mergo` does. */
import { failCall, type Run } from '../function.ts';
import { Dict, Struct, type Value } from '../value.ts';
import { isEmpty } from './equal.ts';

/** The maximum nesting depth. A map may contain itself, in which case Go would never return. */
const MAX_DEPTH = 1000;

/** Options of `merge`. */
export interface MergeOptions {
  /** Whether to replace values that `into` has. Otherwise only values that are missing or empty in it are copied. */
  readonly overwrite: boolean;
  readonly run: Run;
  /** The depth of the maps in those that are merged; 0 by default. */
  readonly depth?: number;
}

/** Merges one map into another. */
export function merge(into: Dict, from: Dict, { overwrite, run, depth = 0 }: MergeOptions): void {
  if (depth > MAX_DEPTH) failCall('maps are nested too deep to merge');
  for (const [key, value] of [...from.entries]) {
    run.step();
    const before = into.entries.get(key);
    if (value === null) {
      if (overwrite) put(into, [key, value], run);
      continue;
    }
    const bothDicts = value instanceof Dict && before instanceof Dict;
    if (bothDicts) merge(before, value, { overwrite, run, depth: depth + 1 });
    if (before instanceof Struct && !overwrite) checkPointer(before, value);
    const filled = before !== undefined && !isVacant(before);
    if (!filled || (overwrite && !bothDicts)) put(into, [key, value], run);
  }
}

/** Fails if a pointer would be merged with a value of a different type. */
function checkPointer(before: Struct, value: Value): void {
  const merged = value instanceof Dict || value instanceof Struct;
  if (before.type.kind === 'ptr' && merged && value.type !== before.type) {
    failCall('src and dst must be of same type');
  }
}

/** Whether mergo considers a value empty: as in Sprig, except that no struct is empty. */
function isVacant(value: Value): boolean {
  return !(value instanceof Struct) && isEmpty(value);
}

function put(into: Dict, [key, value]: readonly [string, Value], run: Run): void {
  if (!into.type.elem.holds(value)) {
    failCall(
      `reflect.Value.SetMapIndex: value of type interface {} is not assignable to type ${into.type.elem.name}`,
    );
  }
  run.allocate(16);
  into.entries.set(key, value);
}
