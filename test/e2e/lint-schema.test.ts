import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { objectsOf } from '../../cli/lint/objects.ts';
import type { Problem } from '../../cli/lint/problem.ts';
import { invalidName } from '../../cli/lint/rules/invalid-name.ts';
import { schema } from '../../cli/lint/rules/schema.ts';
import { problemsWith, SEALED } from '../cli/lint/rule-on.ts';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { PACKAGE } from '../support/package.ts';
import { Setup } from '../support/setup.ts';

// Needs the definition, and no controller.
const setup = new Setup(installDefinition, { install: 'later' });

async function installDefinition(): Promise<void> {
  await setup.plane.apply(readFileSync(join(PACKAGE, 'crds/sealedsecrets.bitnami.com.yaml'), 'utf8'));
}

type Path = readonly string[];

/** A SealedSecret with every field that a person writes. */
const COMPLETE = {
  apiVersion: 'bitnami.com/v1alpha1',
  kind: 'SealedSecret',
  metadata: {
    name: 'db',
    generateName: 'db-',
    labels: { app: 'db' },
    annotations: { 'sealedsecrets.bitnami.com/cluster-wide': 'true' },
    finalizers: ['example.com/a'],
    creationTimestamp: '2026-11-30T12:00:00Z',
    deletionTimestamp: '2026-11-30T12:00:00Z',
    deletionGracePeriodSeconds: 1,
    generation: 1,
    resourceVersion: '',
    selfLink: 'a',
    uid: 'a',
    managedFields: [],
    ownerReferences: [{ apiVersion: 'v1', kind: 'ConfigMap', name: 'a', uid: 'a' }],
  },
  spec: {
    encryptedData: { password: SEALED },
    data: SEALED,
    template: {
      metadata: { name: 'db', labels: { app: 'db' }, annotations: { a: 'b' }, finalizers: ['example.com/a'] },
      type: 'Opaque',
      immutable: true,
      data: { url: '{{ .password }}' },
    },
  },
};

/** What is put in the place of each field. */
const VALUES: readonly unknown[] = [
  null,
  'x',
  '',
  7,
  1.5,
  true,
  [],
  [7],
  ['x'],
  {},
  { a: 'b' },
  { a: 7 },
  { a: null },
];

/** Returns a copy of an object with a field that has another value. Undefined removes it. */
function withField(object: object, [step = '', ...rest]: Path, value: unknown): object {
  const inner: unknown = Reflect.get(object, step);
  const changed = rest.length === 0 ? value : withField(isMap(inner) ? inner : {}, rest, value);
  return { ...object, [step]: changed };
}

/** Returns the paths of the fields of an object, and of those inside. */
function pathsIn(value: unknown, at: Path = []): readonly Path[] {
  if (!isMap(value)) return [at];
  return [at, ...Object.entries(value).flatMap(([name, inner]) => pathsIn(inner, [...at, name]))];
}

function isMap(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Keys and values of labels, good and bad. */
const LABELS: readonly string[] = [
  ...['', 'a', 'A_b.c-d', 'a b', '-a', 'a-', '_', 'é', 'a:b', 'a'.repeat(63), 'a'.repeat(64)],
  ...[
    'example.com/a',
    'Example.com/a',
    'example.com/',
    '/a',
    'a/b/c',
    'example..com/a',
    `${'a.'.repeat(126)}a/b`,
  ],
];

interface Case {
  readonly what: string;
  readonly object: object;
}

const paths = pathsIn(COMPLETE).filter((path) => path.length > 0);
const CASES: readonly Case[] = [
  { what: 'the complete object', object: COMPLETE },
  ...paths.flatMap((path) => [
    { what: `without ${path.join('.')}`, object: withField(COMPLETE, path, undefined) },
    ...VALUES.map((value) => ({
      what: `${path.join('.')} is ${JSON.stringify(value)}`,
      object: withField(COMPLETE, path, value),
    })),
  ]),
  ...['', 'metadata.', 'spec.', 'spec.template.', 'spec.template.metadata.'].flatMap((parent) =>
    ['unknown', 'Name', 'encrypteddata', 'clusterName', 'apiVersion', 'x-anchor'].map((field) => ({
      what: `${parent}${field}`,
      object: withField(COMPLETE, `${parent}${field}`.split('.'), 'bitnami.com/v1alpha1'),
    })),
  ),
  ...['a.b', 'A', 'a_b', 'a-', 'a'.repeat(254), 'a'.repeat(253)].map((name) => ({
    what: `the name ${name}`,
    object: withField(COMPLETE, ['metadata', 'name'], name),
  })),
  ...LABELS.flatMap((label) => [
    { what: `the label ${label}`, object: withField(COMPLETE, ['metadata', 'labels'], { [label]: 'a' }) },
    { what: `the value ${label}`, object: withField(COMPLETE, ['metadata', 'labels'], { a: label }) },
    {
      what: `the annotation ${label}`,
      object: withField(COMPLETE, ['metadata', 'annotations'], { [label]: '' }),
    },
  ]),
  ...['a.', 'A', 'a-', '-', 'a.-', 'a'.repeat(253)].map((generateName) => ({
    what: `the prefix ${generateName}`,
    object: withField(
      withField(COMPLETE, ['metadata', 'name'], undefined),
      ['metadata', 'generateName'],
      generateName,
    ),
  })),
];

/**
 * Whether a finding is about the CustomResourceDefinition. It lets the values of items and the template's metadata pass,
 * as well as a `data` that is no ciphertext: about those only the controller complains.
 */
function isOfDefinition({ severity, at, message }: Problem): boolean {
  const isOfController =
    (startsWith(at, ['spec', 'encryptedData']) && (at.length > 2 || severity === 'warning')) ||
    (startsWith(at, ['spec', 'template', 'metadata']) && at.length > 3) ||
    message.startsWith('spec.data holds no sealed value') ||
    (startsWith(at, ['metadata', 'annotations']) && severity === 'warning');
  return severity !== 'note' && !isOfController;
}

function startsWith(at: Problem['at'], start: Path): boolean {
  return start.every((step, index) => at[index] === step);
}

suite('what S005 and S014 find', () => {
  test('is what the API server refuses, field by field', async () => {
    const namespace = await setup.plane.createNamespace('lint');
    const path = `/apis/bitnami.com/v1alpha1/namespaces/${namespace}/sealedsecrets?dryRun=All&fieldValidation=Strict`;
    const differing: string[] = [];
    const verdicts = { taken: 0, refused: 0 };
    for (const { what, object } of CASES) {
      const plain: unknown = JSON.parse(JSON.stringify(object));
      const { status, body } = await setup.plane.request('POST', path, object);
      const objects = objectsOf([{ value: plain, place: { source: 'test' } }]);
      const found = [
        ...(await problemsWith(schema, objects)),
        ...(await problemsWith(invalidName, objects)),
      ].filter(isOfDefinition);
      const isRefused = found.length > 0;
      verdicts[isRefused ? 'refused' : 'taken']++;
      if (isRefused !== (status !== 201)) {
        const said = found.map(({ message }) => message).join('; ');
        differing.push(`${what}: ${status} ${JSON.stringify(body).slice(100, 300)}; lint: ${said}`);
      }
    }
    assert.deepEqual(differing, []);
    assert.ok(verdicts.taken > 100 && verdicts.refused > 200, JSON.stringify(verdicts));
  });
});
