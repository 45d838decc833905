import assert from 'node:assert/strict';
import { chmodSync, truncateSync } from 'node:fs';
import { suite, test } from 'node:test';
import { findTree, readTreeFile } from '../../../cli/files/tree.ts';
import { failuresIn } from '../../../cli/for-each.ts';
import { treeOf } from '../tree.ts';

const SEALED = `apiVersion: bitnami.com/v1alpha1
kind: SealedSecret
metadata: {name: db, namespace: prod}
spec: {encryptedData: {}}
`;

/** Returns the SealedSecrets of each file in a folder by name, or why it cannot be read. */
async function read(root: string): Promise<Record<string, readonly string[]>> {
  const all: Record<string, readonly string[]> = {};
  const plain = (text: string): string => text.replaceAll(`${root}/`, '');
  const { files, failures } = await findTree([root], { include: [], exclude: [] });
  for (const failure of failures) all[''] = [...(all[''] ?? []), plain(failure.describe())];
  for (const file of files) {
    try {
      const { sealed } = await readTreeFile(file);
      all[plain(file)] = sealed.map(({ sealed: { metadata }, document: { place } }) =>
        [place.document, ...(place.path ?? []), metadata.name].filter((part) => part !== undefined).join(' '),
      );
    } catch (error) {
      all[plain(file)] = (failuresIn(error) ?? []).map((failure) => plain(failure.describe()));
    }
  }
  return all;
}

suite('a tree', () => {
  test('has the SealedSecrets in documents and Lists, beside other kinds', async () => {
    const list = `kind: List\nitems:\n- {kind: Secret}\n- ${SEALED.trimEnd().replaceAll('\n', '\n  ')}\n`;
    const root = treeOf({
      'one.yaml': SEALED,
      'several.yaml': `kind: ConfigMap\n---\n${SEALED}---\n# nothing\n---\n- a list\n---\n${SEALED.replace('db', 'api')}`,
      'list.yml': list,
      'json.json':
        '{"kind":"SealedSecret","apiVersion":"bitnami.com/v1alpha1","metadata":{"name":"j"},"spec":{}}',
    });
    assert.deepEqual(await read(root), {
      'json.json': ['j'],
      'list.yml': ['items 1 db'],
      'one.yaml': ['db'],
      'several.yaml': ['2 db', '4 api'],
    });
  });

  test('skips other files, whatever is in them', async () => {
    const root = treeOf({
      'config.yaml': 'kind: ConfigMap\n',
      'template.yaml': '{{- if .Values.a }}\nkind: Secret\n{{- end }}\n',
      'binary.yaml': Buffer.from([0, 255, 254, 1]),
      'empty.json': '',
    });
    assert.deepEqual(await read(root), {});
    const mentioning = treeOf({
      'crd.yaml': 'kind: CustomResourceDefinition\nspec: {names: {kind: SealedSecret}}\n',
      'comment.yaml': '{{- if .Values.a }}\n# kind: SealedSecret\nkind: Secret\n{{- end }}\n',
      'text.yaml': 'a: [SealedSecret\n',
      'scalar.yaml': 'SealedSecret\n',
    });
    assert.deepEqual(await read(mentioning), {
      'comment.yaml': [],
      'crd.yaml': [],
      'scalar.yaml': [],
      'text.yaml': [],
    });
  });

  test('reports what seems to be a SealedSecret and cannot be read', async () => {
    const root = treeOf({
      'helm.yaml': `{{- if .Values.a }}\n${SEALED}{{- end }}\n`,
      'half.json': '{"metadata": {}, "kind": "SealedSecret", ',
      'utf16.yaml': Buffer.from(`\ufeff${SEALED}`, 'utf16le'),
      'malformed.yaml': `${SEALED.replace('{name: db, namespace: prod}', '[]')}---\n${SEALED.replace('encryptedData: {}', 'encryptedData: []')}`,
    });
    const failures = await read(root);
    for (const [name, words] of [
      ['helm.yaml', /^helm\.yaml: neither JSON nor YAML: .*; if it is a template, skip it with --exclude$/],
      ['half.json', /^half\.json: neither JSON nor YAML: .*; if it is a template, /],
      ['utf16.yaml', /^utf16\.yaml .*UTF-16/],
      ['malformed.yaml', /^malformed\.yaml: document 1: metadata is a list, not an object$/],
    ] as const) {
      assert.match(failures[name]?.[0] ?? '', words);
    }
    assert.deepEqual(
      Object.values(failures).map(({ length }) => length),
      [1, 1, 2, 1],
    );
  });

  test('reports files over the size limit without reading them', async () => {
    const root = treeOf({ 'large.yaml': '', 'small.yaml': SEALED });
    truncateSync(`${root}/large.yaml`, 300 * 1024 * 1024);
    assert.deepEqual(await read(root), { '': ['large.yaml is larger than 256 MiB'], 'small.yaml': ['db'] });
  });

  const isRoot = process.getuid?.() === 0;
  test(
    'reports files and folders that may not be read',
    { skip: isRoot && 'root may read all' },
    async () => {
      const root = treeOf({ 'a/no.yaml': SEALED, 'no.yaml': SEALED, 'yes.yaml': SEALED });
      chmodSync(`${root}/a`, 0);
      chmodSync(`${root}/no.yaml`, 0);
      assert.deepEqual(await read(root), {
        '': ['cannot read a: permission denied', 'cannot read no.yaml: permission denied'],
        'yes.yaml': ['db'],
      });
      chmodSync(`${root}/a`, 0o700);
    },
  );

  test('may have ten thousand files', async () => {
    const names = Array.from({ length: 10_000 }, (_, i) => `${i % 10}/${i}.yaml`);
    const root = treeOf(
      Object.fromEntries(names.map((name, i) => [name, i % 100 === 7 ? SEALED : 'kind: Other\n'])),
    );
    const { files, failures } = await findTree([root], { include: [], exclude: [] });
    assert.deepEqual([files.length, failures.length], [100, 0]);
    assert.deepEqual(files, files.toSorted());
  });
});
