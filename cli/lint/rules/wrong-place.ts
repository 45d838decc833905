import type { SealedSecret } from '../../../shared/api/sealed-secret.ts';
import { fullName } from '../../../shared/api/metadata.ts';
import { withoutValue } from '../../../shared/input/without-value.ts';
import { namesOfPlace, recordedPlace, type RecordedPlace } from '../../../shared/seal/recorded-place.ts';
import type { LabeledObject, Scope } from '../../../shared/seal/scope.ts';
import { visible } from '../../../shared/text.ts';
import { knownScope, SCOPE_ANNOTATIONS } from '../known-scope.ts';
import type { ObjectRule } from '../object.ts';
import { hasPlaceholder } from '../placeholders.ts';
import type { Problem } from '../problem.ts';
import { itemsInWords, sealedItemsOf, type SealedItem } from '../sealed-items.ts';
import { sealedOf } from '../sealed-of.ts';

/** A name and namespace that an object has, or that a tool gives it. */
interface Target extends LabeledObject {
  /** The file that says so; undefined for the object itself. */
  readonly by: string | undefined;
}

/** The scope and the names that items were sealed for, as far as they are known. */
interface SealedFor {
  readonly place: RecordedPlace;
  readonly names: Partial<LabeledObject> | undefined;
}

/**
 * S002: items that were sealed for another scope, name or namespace than the object has, or than tools give it. The
 * sealing record says what they were sealed for; items without an entry were sealed for the object as it is.
 */
export const wrongPlace: ObjectRule = async (object, { destinations }) => {
  const sealed = sealedOf(object);
  // A generated name is not known here, and another rule is about it.
  if (sealed === undefined || sealed.metadata.name === '') return [];
  const { metadata } = sealed;
  const scope = knownScope(metadata.annotations);
  if (scope === undefined) return [];
  const items = sealedItemsOf(sealed);
  const own = { place: await recordedPlace(scope, metadata), names: metadata };
  const targets: readonly Target[] =
    destinations.length > 0
      ? destinations
      : [{ name: metadata.name, namespace: metadata.namespace, by: undefined }];
  const problems: Problem[] = [];
  for (const group of groupsOf(items, own)) {
    const misplaced = { ...group, scope, all: items };
    if (group.sealedFor.place.scope !== scope) problems.push(otherScope(sealed, misplaced));
    else for (const problem of await otherPlaces(sealed, targets, misplaced)) problems.push(problem);
  }
  return problems;
};

/** For how many places the same items are reported. Tools may give an object a thousand, and items differ in theirs. */
const MAX_PLACES = 20;

/** Returns problems about the first targets that items do not fit. */
async function otherPlaces(
  sealed: SealedSecret,
  targets: readonly Target[],
  misplaced: Misplaced,
): Promise<readonly Problem[]> {
  const problems: Problem[] = [];
  for (const target of targets) {
    if (problems.length === MAX_PLACES) break;
    if (!(await fits(misplaced.sealedFor, target))) problems.push(otherPlace(sealed, target, misplaced));
  }
  return problems;
}

interface Group {
  readonly sealedFor: SealedFor;
  readonly items: readonly SealedItem[];
}

/** Groups items by what they were sealed for. */
function groupsOf(items: readonly SealedItem[], own: SealedFor): readonly Group[] {
  const groups = new Map<string, { sealedFor: SealedFor; items: SealedItem[] }>();
  for (const item of items) {
    const { entry } = item;
    const key = entry === undefined ? '' : `${entry.scope} ${entry.label}`;
    const sealedFor = entry === undefined ? own : { place: entry, names: namesOfPlace(entry) };
    const group = groups.get(key) ?? { sealedFor, items: [] };
    groups.set(key, group);
    group.items.push(item);
  }
  return [...groups.values()];
}

/** Whether items can be unsealed at a target, whose scope is theirs. What is not known fits. */
async function fits({ place, names }: SealedFor, target: LabeledObject): Promise<boolean> {
  const needed = NEEDED[place.scope];
  if (names !== undefined)
    return needed.every(
      (part) => isUnknown(names[part]) || isUnknown(target[part]) || names[part] === target[part],
    );
  if (needed.some((part) => isUnknown(target[part]))) return true;
  return place.label === (await recordedPlace(place.scope, target)).label;
}

/** The parts of a place that a scope needs. */
const NEEDED: Readonly<Record<Scope, readonly (keyof LabeledObject)[]>> = {
  strict: ['name', 'namespace'],
  'namespace-wide': ['namespace'],
  'cluster-wide': [],
};

/** Whether a name is set later: a namespace that a file leaves out, or a placeholder. */
function isUnknown(name: string | undefined): boolean {
  return name === undefined || name === '' || hasPlaceholder(name);
}

interface Misplaced extends Group {
  /** The scope of the object. */
  readonly scope: Scope;
  /** All items of the object. */
  readonly all: readonly SealedItem[];
}

/** Returns how a sentence about some items begins, and where they are; undefined for all items. */
function about({ items, all }: Misplaced): {
  readonly subject: string;
  readonly at: readonly string[] | undefined;
} {
  const isAll = items.length === all.length;
  const verb = isAll || items.length === 1 ? 'was' : 'were';
  return { subject: `${itemsInWords(items, all)} ${verb}`, at: isAll ? undefined : items[0]?.at };
}

function otherScope({ metadata }: SealedSecret, misplaced: Misplaced): Problem {
  const { subject, at } = about(misplaced);
  const { scope } = misplaced.sealedFor.place;
  const annotation = SCOPE_ANNOTATIONS.find((name) => metadata.annotations.has(name));
  return {
    rule: 'S002',
    at: at ?? ['metadata', ...(annotation === undefined ? [] : ['annotations', annotation])],
    message: `${subject} sealed with the scope ${scope}, and the SealedSecret has the scope ${misplaced.scope}`,
    advice: `give the SealedSecret the scope ${scope} again, or seal the values again with its new scope`,
  };
}

function otherPlace({ metadata }: SealedSecret, target: Target, misplaced: Misplaced): Problem {
  const { subject, at } = about(misplaced);
  const { sealedFor, scope } = misplaced;
  const [wanted, found] = [placeWords(scope, sealedFor.names), placeWords(scope, target)];
  const isRenamed = scope === 'strict' && sealedFor.names?.name !== target.name;
  const field = !isRenamed && metadata.namespace !== '' ? 'namespace' : 'name';
  return target.by === undefined
    ? {
        rule: 'S002',
        at: at ?? ['metadata', field],
        message: `${subject} sealed for ${wanted}, not for ${found}`,
        advice: `change the ${field} back, or seal the values again for ${found}`,
      }
    : {
        rule: 'S002',
        at: at ?? ['metadata', field],
        message: `${subject} sealed for ${wanted}, and ${visible(target.by)} moves it to ${found}`,
        advice: `seal the values again for ${found}, or keep the ${field} as it is in ${visible(target.by)}`,
      };
}

/** Returns the part of a place that a scope needs, in words. `names` is undefined for a digest. */
function placeWords(scope: Scope, names: Partial<LabeledObject> | undefined): string {
  if (names === undefined) return scope === 'strict' ? 'another name or namespace' : 'another namespace';
  const { name = '', namespace = '' } = names;
  if (scope !== 'strict') return `the namespace ${shown(namespace)}`;
  return shown(fullName({ name, namespace }));
}

function shown(name: string): string {
  return withoutValue(visible(name));
}
