import { CLUSTER_WIDE, NAMESPACE_WIDE, SEALING_RECORD } from '../../shared/api/annotations.ts';
import type { Metadata } from '../../shared/api/metadata.ts';
import type { SealedSecret } from '../../shared/api/sealed-secret.ts';
import { scopeOf } from '../../shared/seal/scope.ts';

/** The keys that lead to a field. */
export type FieldPath = readonly string[];

/** A field that differs. Null for a side that does not have it. */
export interface FieldChange {
  readonly path: FieldPath;
  readonly old: string | null;
  readonly new: string | null;
}

/**
 * Returns the fields that differ, besides the sealed items. Those that only the newer side has come last. A sealing record
 * that goes with the items is no difference of its own.
 */
export function changedFields(
  before: SealedSecret | undefined,
  after: SealedSecret | undefined,
): readonly FieldChange[] {
  const [old, now] = [before, after].map((sealed) => new Map(sealed ? fieldsOf(sealed).map(keyed) : []));
  const keys = new Set([...(old?.keys() ?? []), ...(now?.keys() ?? [])]);
  return [...keys].flatMap((key): FieldChange[] => {
    const [was, is] = [old?.get(key), now?.get(key)];
    const path = (is ?? was)?.path ?? [];
    if (was !== undefined && is !== undefined && key === RECORD) return [];
    return was?.value === is?.value ? [] : [{ path, old: was?.value ?? null, new: is?.value ?? null }];
  });
}

const RECORD = JSON.stringify(['metadata', 'annotations', SEALING_RECORD]);

interface Field {
  readonly path: FieldPath;
  readonly value: string;
}

function keyed(field: Field): [string, Field] {
  return [JSON.stringify(field.path), field];
}

/** The value of a field of the template that leaves an item out of the Secret. */
export const LEFT_OUT = 'null (left out of the Secret)';

/** Returns what a SealedSecret says besides its sealed items. An empty field counts as absent. */
function fieldsOf({ metadata, template }: SealedSecret): readonly Field[] {
  const { annotations } = metadata;
  const own = new Map([...annotations].filter(([name, value]) => !setsScope(name, value)));
  const data = new Map([...template.data].map(([name, text]) => [name, text ?? LEFT_OUT]));
  return [
    ...metadataFields({ ...metadata, annotations: own }, ['metadata']),
    field(['scope'], scopeOf(annotations)),
    ...unlessEmpty(['spec', 'template', 'type'], template.type),
    ...unlessEmpty(['spec', 'template', 'immutable'], String(template.immutable ?? '')),
    ...metadataFields(template.metadata, ['spec', 'template', 'metadata']),
    ...entries(data, ['spec', 'template', 'data']),
  ];
}

/** Whether an annotation is told as the scope. */
function setsScope(name: string, value: string): boolean {
  return (name === CLUSTER_WIDE || name === NAMESPACE_WIDE) && value === 'true';
}

function metadataFields(
  { namespace, name, generateName, labels, annotations, finalizers }: Metadata,
  path: FieldPath,
): readonly Field[] {
  return [
    ...unlessEmpty([...path, 'namespace'], namespace),
    ...unlessEmpty([...path, 'name'], name),
    ...unlessEmpty([...path, 'generateName'], generateName),
    ...entries(labels, [...path, 'labels']),
    ...entries(annotations, [...path, 'annotations']),
    ...finalizers.map((name) => field([...path, 'finalizers', name], name)),
  ];
}

function entries(map: ReadonlyMap<string, string>, path: FieldPath): readonly Field[] {
  return [...map].map(([name, value]) => field([...path, name], value));
}

function unlessEmpty(path: FieldPath, value: string): readonly Field[] {
  return value === '' ? [] : [field(path, value)];
}

function field(path: FieldPath, value: string): Field {
  return { path, value };
}
