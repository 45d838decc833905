import assert from 'node:assert/strict';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { suite, test } from 'node:test';
import { Kustomizations } from '../../../../cli/lint/kustomize/destinations.ts';
import { objectsOf } from '../../../../cli/lint/objects.ts';
import { temporaryFolder } from '../../../support/temporary.ts';

const folder = temporaryFolder();
let repositories = 0;

/** Writes a repository and returns its path. */
function repository(files: Readonly<Record<string, string>>): string {
  const path = join(folder.path, `r${repositories++}`, 'repository');
  for (const [name, text] of Object.entries({ '.git/HEAD': '', ...files })) {
    mkdirSync(dirname(join(path, name)), { recursive: true });
    writeFileSync(join(path, name), text);
  }
  return path;
}

const DB = { name: 'db', namespace: 'shop' };

async function destinations(path: string, file: string, metadata: object = DB): Promise<readonly string[]> {
  const value = {
    apiVersion: 'bitnami.com/v1alpha1',
    kind: 'SealedSecret',
    metadata,
    spec: { encryptedData: {} },
  };
  const [object] = objectsOf([{ value, place: { source: file } }]);
  assert.ok(object);
  const found = await new Kustomizations().destinationsOf(join(path, file), object);
  return found.map(({ name, namespace, by }) => {
    const shown = join(process.cwd(), by).slice(path.length + 1);
    return `${namespace}/${name} by ${shown}`;
  });
}

suite('the destination of a SealedSecret', () => {
  test('follows from every kustomization that no other one uses', async () => {
    const path = repository({
      'base/db.yaml': '',
      'base/kustomization.yaml': 'resources: [db.yaml]\nnameSuffix: -v1\n',
      'prod/kustomization.yml': 'bases: [../base]\nnamePrefix: prod-\nnamespace: live\n',
      'staging/kustomization.yaml': 'resources: [../base, https://example.com/more]\n',
    });
    assert.deepEqual(await destinations(path, 'base/db.yaml'), [
      'live/prod-db-v1 by prod/kustomization.yml',
      'shop/db-v1 by staging/kustomization.yaml',
    ]);
    assert.deepEqual(await destinations(path, 'base/other.yaml'), [], 'a file that none uses');
  });

  test('is absent if every kustomization leaves the object as it is', async () => {
    const path = repository({
      'db.yaml': '',
      'kustomization.yaml': 'resources: [db.yaml]\nnamespace: shop\ncommonLabels: {a: b}\n',
    });
    assert.deepEqual(await destinations(path, 'db.yaml'), []);
    assert.deepEqual(await destinations(path, 'db.yaml', { name: 'db', namespace: 'other' }), [
      'shop/db by kustomization.yaml',
    ]);
    assert.deepEqual(await destinations(path, 'db.yaml', { generateName: 'db-' }), [], 'a generated name');
  });

  for (const [what, lines] of [
    ['a transformer', 'transformers: [rename.yaml]'],
    ['a prefix that is filled in later', 'namePrefix: ${ENV}-'],
    [
      'a patch of the name',
      'patches: [{target: {kind: SealedSecret}, patch: "[{op: replace, path: /metadata/name, value: x}]"}]',
    ],
    ['a patch that removes objects', 'patches: [{path: patch.yaml}]'],
    ['a patch that cannot be read', 'patchesStrategicMerge: [missing.yaml]'],
    [
      'a replacement of the name',
      'replacements: [{source: {kind: A}, targets: [{select: {kind: SealedSecret}, fieldPaths: [metadata.name]}]}]',
    ],
    ['a configuration of prefixes', 'configurations: [names.yaml]'],
  ] as const) {
    test(`is not guessed where there is ${what}`, async () => {
      const path = repository({
        'db.yaml': '',
        'patch.yaml':
          'apiVersion: bitnami.com/v1alpha1\nkind: SealedSecret\nmetadata: {name: db}\n$patch: delete\n',
        'names.yaml': 'namePrefix: [{path: metadata/name, kind: SealedSecret}]\n',
        'kustomization.yaml': `resources: [db.yaml]\nnameSuffix: -x\n${lines}\n`,
      });
      assert.deepEqual(await destinations(path, 'db.yaml'), []);
    });
  }

  test('is known where patches, replacements and configurations are about something else', async () => {
    const path = repository({
      'db.yaml': '',
      'patch.yaml': '[{op: replace, path: /spec/replicas, value: 2}]\n',
      'references.yaml': 'nameReference: [{kind: SealedSecret, fieldSpecs: [{kind: A, path: b}]}]\n',
      'kustomization.yaml': `resources: [db.yaml]
nameSuffix: -x
configurations: [references.yaml]
patchesJson6902: [{target: {kind: SealedSecret}, path: patch.yaml}]
patchesStrategicMerge: ["{kind: SealedSecret, metadata: {name: db}, spec: {template: {type: a/b}}}"]
replacements: [{source: {kind: SealedSecret}, targets: [{select: {kind: Deployment}, fieldPaths: [metadata.name]}]}]
`,
    });
    assert.deepEqual(await destinations(path, 'db.yaml'), ['shop/db-x by kustomization.yaml']);
  });

  test('ignores kustomizations that Kustomize refuses', async () => {
    const path = repository({
      'db.yaml': '',
      'a/kustomization.yaml': 'resources: [../b]\nnamePrefix: a-\n',
      'b/kustomization.yaml': 'resources: [../a, ../db.yaml]\nnamePrefix: b-\n',
      'own/kustomization.yaml': 'resources: [., ../db.yaml]\nnamePrefix: own-\n',
      'two/kustomization.yaml': 'resources: [../db.yaml]\nnamePrefix: two-\n',
      'two/kustomization.yml': 'resources: [../db.yaml]\nnamePrefix: two-\n',
      'wrong/kustomization.yaml': 'resources: ../db.yaml\nnamePrefix: wrong-\n',
      'broken/kustomization.yaml': 'resources: [../db.yaml\n',
    });
    assert.deepEqual(await destinations(path, 'db.yaml'), []);
  });

  test('follows nothing out of the repository', async () => {
    const path = repository({
      'db.yaml': '',
      'kustomization.yaml': 'resources: [db.yaml, link, ../outside]\nnamePrefix: a-\n',
    });
    const outside = join(path, '..', 'outside');
    mkdirSync(outside);
    writeFileSync(join(outside, 'kustomization.yaml'), 'resources: [db.yaml]\n');
    writeFileSync(join(outside, 'db.yaml'), '');
    symlinkSync(outside, join(path, 'link'));
    assert.deepEqual(await destinations(path, 'db.yaml'), ['shop/a-db by kustomization.yaml']);
    assert.deepEqual(await destinations(path, '../outside/db.yaml'), []);
  });

  test('is bounded where kustomizations name a large patch many times', async () => {
    const patch = `kind: ConfigMap\ndata: { a: ${'b'.repeat(1_000_000)} }\n`;
    const files: Record<string, string> = { 'db.yaml': '', 'patch.yaml': patch };
    for (const folder of ['a', 'b'])
      files[`${folder}/kustomization.yaml`] = `resources: [../db.yaml]
namePrefix: ${folder}-
patches: [${'{ path: ../patch.yaml }, '.repeat(35)}]
`;
    const path = repository(files);
    await assert.rejects(destinations(path, 'db.yaml'), /use too many files/);
  });

  test('is bounded where many kustomizations use one file', async () => {
    const files: Record<string, string> = { 'db.yaml': '' };
    for (let index = 0; index <= 1000; index++)
      files[`k${index}/kustomization.yaml`] = `resources: [../db.yaml]\nnamePrefix: a${index}-\n`;
    await assert.rejects(destinations(repository(files), 'db.yaml'), /use too many files/);
  });

  test('is bounded where each kustomization doubles the one below it', async () => {
    const files: Record<string, string> = {
      'k0/db.yaml': '',
      'k0/kustomization.yaml': 'resources: [db.yaml]\n',
    };
    for (let level = 1; level < 40; level++) {
      const base = `../k${level - 1}`;
      files[`k${level}/kustomization.yaml`] = `resources: [${base}, ${base}/., ${base}/]\nnamePrefix: a\n`;
    }
    await assert.rejects(destinations(repository(files), 'k0/db.yaml'), /use too many files/);
  });
});
