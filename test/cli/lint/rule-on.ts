import { objectsOf } from '../../../cli/lint/objects.ts';
import type { LintedObject, ObjectContext, ObjectRule } from '../../../cli/lint/object.ts';
import type { Problem } from '../../../cli/lint/problem.ts';
import { ruleOf } from '../../../cli/lint/rules.ts';
import { showPath } from '../../../shared/api/place.ts';
import { editDocuments } from '../../../shared/manifest/edit.ts';
import { readDocuments } from '../../../shared/manifest/read.ts';

/** The shortest text that has the form of a sealed value: 8 bits of RSA, and a value of two bytes. */
export const SEALED = 'AAEBAAAAAAAAAAAAAAAAAAAAAAAA';

/** What rules know of a repository that says nothing. */
export const NO_CONTEXT: ObjectContext = {
  file: 'db.yaml',
  cluster: undefined,
  clusters: [],
  maxScope: 'cluster-wide',
  destinations: [],
  plainFiles: [],
  now: new Date('2026-11-30T12:00:00Z'),
};

/** Returns what a rule finds in the objects of a text in YAML or JSON. */
export async function problemsIn(
  rule: ObjectRule,
  text: string,
  context: Partial<ObjectContext> = {},
): Promise<readonly Problem[]> {
  const objects = objectsOf(readDocuments(Buffer.from(text), 'db.yaml'));
  return problemsWith(rule, objects, context);
}

/** Returns what a rule finds in objects. */
export async function problemsWith(
  rule: ObjectRule,
  objects: readonly LintedObject[],
  context: Partial<ObjectContext> = {},
): Promise<readonly Problem[]> {
  const found: Problem[] = [];
  for (const object of objects) found.push(...(await rule(object, { ...NO_CONTEXT, ...context })));
  return found;
}

/** Formats a problem as one line: its rule, severity, path, and message. */
export function lineFor({ rule, severity, at, message }: Problem): string {
  return `${rule} ${severity ?? ruleOf(rule).severity} ${showPath(at) || '.'}: ${message}`;
}

/** Returns a line for each problem that a rule finds in a text. */
export async function linesFor(
  rule: ObjectRule,
  text: string,
  context: Partial<ObjectContext> = {},
): Promise<readonly string[]> {
  return (await problemsIn(rule, text, context)).map(lineFor);
}

/** Returns the text with the fixes of a rule, one after the other. */
export async function mended(rule: ObjectRule, text: string): Promise<string> {
  const objects = objectsOf(readDocuments(Buffer.from(text), 'db.yaml'));
  let fixed = text;
  for (const object of objects) {
    for (const { fix } of await rule(object, NO_CONTEXT)) {
      if (fix !== undefined)
        fixed = editDocuments(Buffer.from(fixed), 'db.yaml', [{ place: object.place, patch: fix }]);
    }
  }
  return fixed;
}

/** Returns a SealedSecret in YAML, with more lines of metadata and of the spec. */
export function sealedYaml({
  metadata = ['name: db', 'namespace: shop'],
  spec = [`encryptedData: { password: ${SEALED} }`],
}: {
  readonly metadata?: readonly string[];
  readonly spec?: readonly string[];
} = {}): string {
  return [
    'apiVersion: bitnami.com/v1alpha1',
    'kind: SealedSecret',
    'metadata:',
    ...metadata.map((line) => `  ${line}`),
    'spec:',
    ...spec.map((line) => `  ${line}`),
    '',
  ].join('\n');
}
