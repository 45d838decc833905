import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { parseConfig } from '../../../cli/config/parse-config.ts';
import type { RepositoryConfig } from '../../../cli/config/config.ts';
import { failureOf } from '../../../shared/errors.ts';

function parse(text: string): RepositoryConfig {
  return parseConfig(Buffer.from(text), { file: '.kubeseal.yaml', folder: '/repo' });
}

function problemOf(text: string): string {
  try {
    parse(text);
  } catch (error) {
    return failureOf(error, 'the test').describe();
  }
  return '';
}

/** Returns a configuration with fields of the cluster prod. */
function prod(fields: string): string {
  return `clusters: {prod: {certificate: c.pem, ${fields}}}`;
}

suite('.kubeseal.yaml', () => {
  test('has every field', () => {
    const config = parse(`
clusters:
  prod:
    certificate: certs/prod.pem
    context: admin@prod
    controllerName: sealed-secrets
    controllerNamespace: sealing
    paths: [overlays/prod/, 'clusters/prod/**']
  staging: {certificate: 'https://staging.example.com/v1/cert.pem'}
  dev: {context: dev}
scope: namespace-wide
maxScope: namespace-wide
record: true
lint:
  rules: {S004: off, plaintext-secret: warning, S010: 'off'}
  exclude: ['charts/*/templates/']
`);
    const clusters = config.clusters.map(({ paths, ...rest }) => ({ ...rest, paths: paths !== undefined }));
    const none = { context: undefined, controllerName: undefined, controllerNamespace: undefined };
    assert.deepEqual(clusters, [
      {
        name: 'prod',
        certificate: '/repo/certs/prod.pem',
        context: 'admin@prod',
        controllerName: 'sealed-secrets',
        controllerNamespace: 'sealing',
        paths: true,
      },
      { ...none, name: 'staging', certificate: 'https://staging.example.com/v1/cert.pem', paths: false },
      { ...none, name: 'dev', certificate: undefined, context: 'dev', paths: false },
    ]);
    assert.equal(config.scope, 'namespace-wide');
    assert.equal(config.maxScope, 'namespace-wide');
    assert.equal(config.record, true);
    assert.deepEqual(
      [...config.lint.rules],
      [
        ['S004', 'off'],
        ['S001', 'warning'],
        ['S010', 'off'],
      ],
    );
    assert.equal(config.lint.exclude?.covers(['charts', 'db', 'templates', 'a.yaml']), true);
  });

  for (const text of ['', '# nothing\n', '---\n', '{}', 'clusters: {}', 'lint: {}', 'lint: {rules: {}}']) {
    test(`changes nothing if it is ${JSON.stringify(text)}`, () => {
      const { clusters, scope, maxScope, record, lint } = parse(text);
      assert.deepEqual([clusters, scope, maxScope, record], [[], undefined, undefined, false]);
      assert.deepEqual([lint.rules.size, lint.exclude], [0, undefined]);
    });
  }

  const refused: Readonly<Record<string, string>> = {
    '[]': '.kubeseal.yaml is a list, not an object',
    'a text': '.kubeseal.yaml is a string, not an object',
    '{}\n---\n{}': '.kubeseal.yaml holds 2 documents: put the whole configuration into one',
    'a: b: c':
      '.kubeseal.yaml: neither JSON nor YAML: there is a second ":" or a "-" in one line: put a value that holds it in quotes, at line 1, column 4',
    'scope: strict\nscope: strict':
      '.kubeseal.yaml: neither JSON nor YAML: duplicate key at line 2, column 1',
    'maxscope: strict': '.kubeseal.yaml: unknown field "maxscope"; did you mean "maxScope"?',
    'password:hunter2: x':
      '.kubeseal.yaml: unknown field "password:…"; it can have clusters, scope, maxScope, record, lint',
    [prod('certficate: d.pem')]:
      '.kubeseal.yaml: clusters.prod: unknown field "certficate"; did you mean "certificate"?',
    'maxScope:': '.kubeseal.yaml: maxScope has no value: write one, or remove the field',
    'clusters: {prod: }': '.kubeseal.yaml: clusters.prod has no value: write one, or remove the field',
    'clusters: [prod]': '.kubeseal.yaml: clusters is a list, not a map',
    'clusters: {prod: c.pem}': '.kubeseal.yaml: clusters.prod is a string, not an object',
    'clusters: {prod: {}}':
      '.kubeseal.yaml: clusters.prod needs a certificate (a file or URL), or a context (of the kubeconfig), or both',
    'clusters: {prod: {certificate: 1}}':
      '.kubeseal.yaml: clusters.prod.certificate is a number, not a string: put it in quotes',
    'clusters: {prod: {context: ""}}':
      '.kubeseal.yaml: clusters.prod.context is empty: write a value, or remove the field',
    'clusters: {prod: {certificate: "ftp://host/c.pem"}}':
      '.kubeseal.yaml: clusters.prod.certificate must be a file, or a URL that begins with https:// or http://',
    'clusters: {a: {context: a}, A: {context: b}}':
      '.kubeseal.yaml: clusters.A: the clusters "a" and "A" differ only in upper and lower case: rename one of them',
    [prod('paths: overlays/prod/')]: '.kubeseal.yaml: clusters.prod.paths is a string, not a list',
    [prod('paths: [[a]]')]: '.kubeseal.yaml: clusters.prod.paths[0] is a list, not a string',
    [prod('paths: [a, ""]')]:
      '.kubeseal.yaml: clusters.prod.paths[1] is empty: write a value, or remove the field',
    [prod('paths: [./overlays/]')]:
      '.kubeseal.yaml: clusters.prod.paths[0]: patterns have no . and .. folders: they start at the folder of the file',
    [prod('paths: ["!../other"]')]:
      '.kubeseal.yaml: clusters.prod.paths[0]: patterns have no . and .. folders: they start at the folder of the file',
    [prod('paths: ["#1"]')]:
      '.kubeseal.yaml: clusters.prod.paths[0]: a pattern that begins with # is a comment: write \\#',
    [prod('paths: ["!a/", "!b/"]')]:
      ".kubeseal.yaml: clusters.prod.paths[0]: only patterns with ! fit no file: write '**' before them",
    [prod('paths: ["a[b"]')]: '.kubeseal.yaml: clusters.prod.paths[0]: it is not a pattern of a .gitignore',
    [prod('paths: ["/"]')]: '.kubeseal.yaml: clusters.prod.paths[0]: it is not a pattern of a .gitignore',
    [prod('paths: ["a\\nb"]')]: '.kubeseal.yaml: clusters.prod.paths[0]: a pattern has one line',
    'scope: namespace_wide':
      '.kubeseal.yaml: scope must be one of strict, namespace-wide, cluster-wide; did you mean "namespace-wide"?',
    'scope: cluster-wide\nmaxScope: strict':
      '.kubeseal.yaml: scope is cluster-wide, which is wider than maxScope, strict',
    'record: "true"': '.kubeseal.yaml: record is a string, not a boolean',
    'lint: {rules: {S099: off}}':
      '.kubeseal.yaml: lint.rules.S099: there is no rule of this id or name; did you mean "S009"?',
    'lint: {rules: {s001: off}}':
      '.kubeseal.yaml: lint.rules.s001: there is no rule of this id or name; did you mean "S001"?',
    'lint: {rules: {S001: off, plaintext-secret: error}}':
      '.kubeseal.yaml: lint.rules.plaintext-secret: the severity of S001 is set twice, by id and by name',
    'lint: {rules: {S001: true}}':
      '.kubeseal.yaml: lint.rules.S001 is a boolean, not a string: put it in quotes',
    'lint: {rules: {S001: warn}}': '.kubeseal.yaml: lint.rules.S001 must be one of error, warning, note, off',
    'lint: {rules: {S001: }}': '.kubeseal.yaml: lint.rules.S001 has no value: write one, or remove the field',
    'lint: {exclude: charts/}': '.kubeseal.yaml: lint.exclude is a string, not a list',
  };
  for (const [text, problem] of Object.entries(refused)) {
    test(`is refused if it is ${JSON.stringify(text)}`, () => {
      assert.equal(problemOf(text), problem);
    });
  }

  for (const name of ['', '.', '..', '../x', 'a/b', 'a b', 'a,b', '-a', '{cluster}', 'ä', 'a'.repeat(64)]) {
    test(`is refused if a cluster has the name ${JSON.stringify(name)}`, () => {
      assert.match(
        problemOf(JSON.stringify({ clusters: { [name]: { context: 'a' } } })),
        /the name of a cluster has/,
      );
    });
  }

  test('is refused if aliases make the patterns longer than their limit together', () => {
    const patterns = `&all [${Array.from({ length: 1000 }, (_, index) => `a${index}`).join(', ')}]`;
    const clusters = Array.from({ length: 40 }, (_, index) => {
      return `  c${index}: {context: a, paths: ${index === 0 ? patterns : '*all'}}\n`;
    });
    assert.equal(problemOf(`clusters:\n${clusters.slice(0, 9).join('')}`), '');
    assert.match(problemOf(`clusters:\n${clusters.join('')}`), /all patterns together have more than 64 KiB/);
  });
});
