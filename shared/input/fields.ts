import { inside, showPlace, type Place } from '../api/place.ts';
import { isObject } from '../api/reader.ts';
import type { Document } from '../manifest/read.ts';
import { visible, withRest } from '../text.ts';
import { nearest } from './nearest.ts';
import { withoutValue } from './without-value.ts';

/** The known fields of an object and of its nested objects; `null` if their content is not checked. */
interface Fields {
  readonly [name: string]: Fields | null;
}

function leaves(...names: string[]): Fields {
  return Object.fromEntries(names.map((name) => [name, null]));
}

const METADATA: Fields = leaves(
  ...['name', 'generateName', 'namespace', 'labels', 'annotations', 'finalizers', 'ownerReferences'],
  ...['uid', 'resourceVersion', 'generation', 'creationTimestamp', 'deletionTimestamp'],
  ...['deletionGracePeriodSeconds', 'selfLink', 'managedFields', 'clusterName'],
);
const OBJECT: Fields = { ...leaves('apiVersion', 'kind', 'status'), metadata: METADATA };
const TEMPLATE: Fields = { ...leaves('type', 'immutable', 'data', 'apiVersion', 'kind'), metadata: METADATA };

const KINDS = {
  Secret: { ...OBJECT, ...leaves('data', 'stringData', 'type', 'immutable') },
  SealedSecret: { ...OBJECT, spec: { ...leaves('encryptedData', 'data'), template: TEMPLATE } },
} as const satisfies Readonly<Record<string, Fields>>;

/** Names of fields that only hold YAML anchors. */
const OWN_FIELD = /^(?:x$|x-|\.|_)/i;

/** Returns a warning about fields that Kubernetes does not know and ignores; undefined if there are none. */
export function fieldWarning(documents: readonly Document[], kind: keyof typeof KINDS): string | undefined {
  const [first, ...more] = documents.flatMap(({ value, place }) => unknownFields(value, KINDS[kind], place));
  return first === undefined ? undefined : withRest(first, more.length);
}

function unknownFields(value: unknown, fields: Fields, place: Place): string[] {
  if (!isObject(value)) return [];
  return Object.entries(value).flatMap(([name, inner]: [string, unknown]) => {
    const known = Object.keys(fields).find((field) => field.toLowerCase() === name.toLowerCase());
    if (known === undefined)
      return OWN_FIELD.test(name) ? [] : [`${showPlace(place)}: ${describeUnknownField(name, fields)}`];
    const innerFields = fields[known];
    return innerFields ? unknownFields(inner, innerFields, inside(place, known)) : [];
  });
}

function describeUnknownField(name: string, fields: Fields): string {
  const ignored = `ignoring unknown field "${visible(withoutValue(name))}"`;
  if (name.toLowerCase() === 'sops')
    return `${ignored}: the values are encrypted with SOPS; decrypt the file first`;
  const meant = nearest(name, Object.keys(fields));
  return meant === undefined ? ignored : `${ignored}; did you mean "${meant}"?`;
}
