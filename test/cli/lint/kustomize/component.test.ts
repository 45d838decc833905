import assert from 'node:assert/strict';
import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, suite, test } from 'node:test';
import { load } from 'js-yaml';
import { readDocuments } from '../../../../shared/manifest/read.ts';
import { at, listAt, stringAt } from '../../../control-plane/admin-client.ts';
import { findBinaries } from '../../../control-plane/binaries.ts';
import { PACKAGE } from '../../../support/package.ts';
import { run } from '../../../support/run.ts';
import { temporaryFolder } from '../../../support/temporary.ts';

const COMPONENT = join(PACKAGE, 'examples', 'kustomize', 'sealed-secrets');

/** A field that names a Secret. */
interface Reference {
  readonly kind: string;
  readonly group: string;
  readonly path: string;
}

const folder = temporaryFolder();
let programs: ReadonlyMap<string, string>;

/** Reads the fields of a `nameReference`, as Kustomize's own configuration and that of the component have it. */
function referencesIn(configuration: unknown, kind: string): readonly Reference[] {
  const reference = listAt(configuration, 'nameReference').find((each) => at(each, 'kind') === kind);
  const references = listAt(reference, 'fieldSpecs').map((each) => {
    const group = at(each, 'group') === undefined ? '' : stringAt(each, 'group');
    return { kind: stringAt(each, 'kind'), group, path: stringAt(each, 'path') };
  });
  const unique = new Map(references.map((each) => [JSON.stringify(each), each]));
  return [...unique.values()];
}

/** Reads what Kustomize has built in, which stands in the program as YAML. */
function builtIn(): readonly Reference[] {
  const text = readFileSync(programs.get('kustomize') ?? '').toString('latin1');
  const start = text.indexOf('\n- kind: Secret\n  version: v1\n  fieldSpecs:\n') + 1;
  const [list = ''] = /^- kind: Secret\n(?: .*\n)+/.exec(text.slice(start, start + 20_000)) ?? [];
  return referencesIn({ nameReference: load(list) }, 'Secret');
}

const LISTS = /^(volumes|containers|initContainers|env|envFrom|imagePullSecrets|sources|tls|rules)$/;

/** Makes an object that names the Secret `db` in a field. */
function userOf({ kind, group, path }: Reference, index: number): object {
  const keys = path.split(/(?<!\\)\//).map((key) => key.replaceAll('\\/', '/'));
  const value = keys.reduceRight<unknown>((inner, key) => {
    const isList = LISTS.test(key) || key === 'resourceNames';
    return { [key]: isList ? [inner] : inner };
  }, 'db');
  const object = value as { metadata?: object };
  const apiVersion = `${group === '' ? 'example.com' : group}/v1`;
  const core = ['Pod', 'PodTemplate', 'ServiceAccount', 'PersistentVolume'].includes(kind);
  return {
    ...object,
    apiVersion: core ? 'v1' : apiVersion,
    kind,
    metadata: { ...object.metadata, name: `user-${index}` },
  };
}

async function build(program: string, secret: object, users: readonly object[]): Promise<readonly unknown[]> {
  const path = join(folder.path, `${program}-${String(at(secret, 'kind'))}`);
  mkdirSync(join(path, 'base'), { recursive: true });
  cpSync(COMPONENT, join(path, 'sealed-secrets'), { recursive: true });
  const documents = [secret, ...users].map((each) => JSON.stringify(each));
  writeFileSync(join(path, 'base', 'all.yaml'), documents.join('\n---\n'));
  const components = at(secret, 'kind') === 'SealedSecret' ? 'components: [../sealed-secrets]\n' : '';
  writeFileSync(join(path, 'base', 'kustomization.yaml'), `resources: [all.yaml]\n${components}`);
  writeFileSync(join(path, 'kustomization.yaml'), 'resources: [base]\nnamePrefix: p-\n');
  const verb = program === 'kubectl' ? 'kustomize' : 'build';
  const { code, stdout, stderr } = await run(programs.get(program) ?? '', [verb, path]);
  assert.equal(code, 0, stderr);
  const built = readDocuments(Buffer.from(stdout), program).map(({ value }) => value);
  return built.filter((each) => !stringAt(each, 'kind').endsWith('Secret'));
}

suite('the component for Kustomize', () => {
  before(async () => {
    programs = await findBinaries(['kubectl', 'kustomize'], () => undefined);
  });

  test('has every field in which Kustomize follows the name of a Secret', () => {
    const own = referencesIn(
      load(readFileSync(join(COMPONENT, 'name-references.yaml'), 'utf8')),
      'SealedSecret',
    );
    const wanted = builtIn();
    assert.ok(wanted.length > 50, `${wanted.length} fields`);
    assert.deepEqual(own, wanted);
  });

  for (const program of ['kubectl', 'kustomize']) {
    test(`makes ${program} rename the users of a SealedSecret as it renames those of a Secret`, async () => {
      const users = builtIn().map(userOf);
      const sealed = {
        apiVersion: 'bitnami.com/v1alpha1',
        kind: 'SealedSecret',
        metadata: { name: 'db' },
        spec: { encryptedData: {} },
      };
      const wanted = await build(
        program,
        { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'db' } },
        users,
      );
      const actual = await build(program, sealed, users);
      assert.deepEqual(actual, wanted);
      for (const user of actual) assert.ok(JSON.stringify(user).includes('"p-db"'), JSON.stringify(user));
    });
  }
});
