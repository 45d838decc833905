import { SEALED_SECRET_VERSION } from '../../../shared/api/kind.ts';
import { isObject } from '../../../shared/api/reader.ts';
import { itemNames, type SealedSecret } from '../../../shared/api/sealed-secret.ts';
import { typeProblem } from '../../../shared/api/secret-type.ts';
import { visible } from '../../../shared/text.ts';
import { SCOPE_ANNOTATIONS } from '../known-scope.ts';
import type { LintedObject, ObjectRule } from '../object.ts';
import { hasPlaceholder } from '../placeholders.ts';
import type { Problem } from '../problem.ts';
import { typeProblems } from '../schema/check-type.ts';
import { labelProblems } from '../schema/label-problems.ts';
import { itemProblems, v1DataProblems } from '../schema/item-problems.ts';
import { SEALED_SECRET_TYPE } from '../schema/sealed-secret-type.ts';
import { sealedOf } from '../sealed-of.ts';

/** S005: what the CustomResourceDefinition refuses or drops, and what the controller cannot read. Reports everything. */
export const schema: ObjectRule = (object) => {
  if (isPatch(object)) return [];
  if (object.kind !== 'SealedSecret') return misnamed(object);
  const spec = fieldOf(object.value, 'spec');
  const sealed = sealedOf(object);
  return [
    ...versionProblems(object),
    ...missingFields(object.value),
    ...typeProblems(object.value, SEALED_SECRET_TYPE),
    ...itemProblems(fieldOf(spec, 'encryptedData')),
    ...v1DataProblems(fieldOf(spec, 'data')),
    ...nullItems(spec),
    ...(sealed === undefined ? [] : ofParsed(sealed)),
  ];
};

/** Finds what shows only when the object has the right types. */
function ofParsed(sealed: SealedSecret): readonly Problem[] {
  return [
    ...scopeValues(sealed),
    ...labelProblems(sealed.metadata, ['metadata']),
    ...labelProblems(sealed.template.metadata, ['spec', 'template', 'metadata']),
    ...typeItems(sealed),
  ];
}

/** Whether an object is a patch of Kustomize, which holds only a part. */
function isPatch({ value }: LintedObject): boolean {
  return Object.hasOwn(value, '$patch');
}

/** Finds a kind that the API group does not have. */
function misnamed({ kind, apiVersion, value }: LintedObject): readonly Problem[] {
  if (apiVersion !== SEALED_SECRET_VERSION || KINDS.includes(kind) || hasPlaceholder(kind)) return [];
  const at = Object.hasOwn(value, 'kind') ? ['kind'] : [];
  return [
    {
      rule: 'S005',
      at,
      message: `${SEALED_SECRET_VERSION} has no such kind`,
      advice: 'write "kind: SealedSecret"',
    },
  ];
}

const KINDS: readonly string[] = ['SealedSecret', 'SealedSecretList'];

function versionProblems({ value, apiVersion }: LintedObject): readonly Problem[] {
  if (apiVersion === SEALED_SECRET_VERSION || hasPlaceholder(apiVersion)) return [];
  const written = fieldOf(value, 'apiVersion');
  // Another type is reported with the others.
  if (written !== undefined && written !== null && typeof written !== 'string') return [];
  const advice = `write "apiVersion: ${SEALED_SECRET_VERSION}"`;
  if (apiVersion === '')
    return [{ rule: 'S005', needsAll: true, at: [], message: 'apiVersion is missing', advice }];
  const message = `apiVersion is not ${SEALED_SECRET_VERSION}`;
  return [{ rule: 'S005', at: ['apiVersion'], message, advice }];
}

/** Finds the fields that are required and absent, or null. */
function missingFields(value: object): readonly Problem[] {
  const metadata = fieldOf(value, 'metadata');
  const spec = fieldOf(value, 'spec');
  return [
    ...(hasAny(metadata, ['name', 'generateName']) ? [] : [missing(['metadata', 'name'], NAME_ADVICE)]),
    ...(spec === undefined || spec === null ? [missing(['spec'], SEAL_ADVICE)] : []),
    ...(isObject(spec) && !has(spec, 'encryptedData')
      ? [missing(['spec', 'encryptedData'], SEAL_ADVICE)]
      : []),
  ];
}

const SEAL_ADVICE =
  'seal a Secret with kubeseal, which writes every field; exclude a patch of Kustomize in .kubeseal.yaml';
const NAME_ADVICE = 'write the name that the values were sealed for';

function missing(path: readonly string[], advice: string): Problem {
  return {
    rule: 'S005',
    needsAll: true,
    at: path.slice(0, -1),
    message: `${path.join('.')} is missing`,
    advice,
  };
}

/** Whether an object has one of the fields. What is behind a placeholder may have it. */
function hasAny(value: unknown, names: readonly string[]): boolean {
  if (typeof value === 'string') return true;
  return isObject(value) && names.some((name) => has(value, name));
}

function has(value: object, name: string): boolean {
  return fieldOf(value, name) !== undefined || Object.keys(value).some(hasPlaceholder);
}

/** Finds `encryptedData: null`, which only the definition of this project allows, beside the deprecated `spec.data`. */
function nullItems(spec: unknown): readonly Problem[] {
  if (!isObject(spec) || Reflect.get(spec, 'encryptedData') !== null || has(spec, 'data')) return [];
  return [
    {
      rule: 'S005',
      needsAll: true,
      severity: 'warning',
      at: ['spec', 'encryptedData'],
      message:
        'spec.encryptedData is null, which schema checkers and other versions of the definition refuse',
      advice: 'write "encryptedData: {}" if the Secret has no sealed items',
    },
  ];
}

/** Finds values of scope annotations that look like a yes, and count as a no. */
function scopeValues({ metadata: { annotations } }: SealedSecret): readonly Problem[] {
  return SCOPE_ANNOTATIONS.flatMap((name): Problem[] => {
    const value = annotations.get(name);
    if (value === undefined || value === 'true' || value === 'false' || hasPlaceholder(value)) return [];
    return [
      {
        rule: 'S005',
        severity: 'warning',
        at: ['metadata', 'annotations', name],
        message: `the annotation ${name} has no effect: only the value "true" counts`,
        advice: 'write "true" if the values were sealed with this scope, and remove it otherwise',
      },
    ];
  });
}

/** Finds items that the type of the Secret requires, and that neither values nor templates make. */
function typeItems(sealed: SealedSecret): readonly Problem[] {
  const names = itemNames(sealed);
  const problem = typeProblem(sealed.template.type, new Map(names.map((name) => [name, undefined])));
  if (problem === undefined || names.some(hasPlaceholder)) return [];
  return [
    {
      rule: 'S005',
      needsAll: true,
      severity: 'warning',
      at: ['spec', 'template', 'type'],
      message: `${visible(problem)}: the API server refuses it otherwise`,
      advice: 'seal the item as well, or correct the type',
    },
  ];
}

/** Returns the value of a field that an object has itself. Undefined if it has none. */
function fieldOf(value: unknown, name: string): unknown {
  if (!isObject(value) || !Object.hasOwn(value, name)) return undefined;
  const found: unknown = Reflect.get(value, name);
  return found;
}
