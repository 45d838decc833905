import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { join } from 'node:path';
import { before, suite, test } from 'node:test';
import ts from 'typescript';
import { ENTRIES, MADE_REPORTS, reportName, REPORTS } from '../../../build/declarations.ts';
import { nodeFor } from '../../../build/pinned-node.ts';
import { PACKAGE } from '../../support/package.ts';
import { run } from '../../support/run.ts';
import { temporaryFolder } from '../../support/temporary.ts';
import { certificatePem } from '../../support/vectors.ts';
import { installPackage } from './packed-package.ts';

const folder = temporaryFolder();
const library = join(folder.path, 'node_modules', 'sealed-secrets', 'dist', 'lib');

/** What the package exports, and that for browsers. */
const FOR_BROWSERS = [
  'SealedSecretsError',
  'explain',
  'parseCertificate',
  'parseManifests',
  'seal',
  'sealValue',
  'toYaml',
];
const FOR_NODE = [...FOR_BROWSERS, 'parsePrivateKey', 'unseal'].sort();

/** Runs a script in the folder of the package, on the oldest Node that it supports. Returns its output. */
async function onOldestNode(name: string, script: string, flags: readonly string[] = []): Promise<string> {
  const node = await nodeFor('floor', () => undefined);
  const ran = await run(node, [...flags, folder.write(name, script)], { cwd: folder.path });
  assert.deepEqual([ran.code, ran.stderr], [0, '']);
  return ran.stdout.trim();
}

suite('the library of the packed package', () => {
  before(() => installPackage(folder.path));

  test('is imported and required by the oldest Node, without any other package', async () => {
    const names = FOR_NODE.join();
    const importing = `import * as all from 'sealed-secrets'; console.log(Object.keys(all).sort().join());`;
    assert.equal(await onOldestNode('import.mjs', importing), names);
    const requiring = `console.log(Object.keys(require('sealed-secrets')).filter((each) => each !== '__esModule').sort().join());`;
    // Node 20 says that requiring an ES module is an experiment.
    assert.equal(await onOldestNode('require.cjs', requiring, ['--no-warnings']), names);
  });

  test('gives a bundler for browsers the part without Node', async () => {
    const script = `import * as all from 'sealed-secrets'; console.log(Object.keys(all).sort().join());`;
    const flags = ['--conditions', 'browser'];
    assert.equal(await onOldestNode('browser.mjs', script, flags), FOR_BROWSERS.join());
  });

  test('seals, explains and reads YAML', async () => {
    folder.write('cert.pem', certificatePem('c2048'));
    const script = `
      import { readFileSync } from 'node:fs';
      import { explain, parseCertificate, parseManifests, seal, toYaml } from 'sealed-secrets';
      const certificate = await parseCertificate(readFileSync('cert.pem', 'utf8'));
      const secret = { metadata: { name: 'db', namespace: 'shop' }, stringData: { password: 'hunter2' } };
      const [sealed] = parseManifests(toYaml(await seal(secret, { certificate })));
      const { items } = await explain(sealed);
      console.log(JSON.stringify(items));`;
    assert.equal(
      await onOldestNode('seal.mjs', script),
      '[{"name":"password","leftOut":false,"keyBits":2048,"length":7}]',
    );
  });

  test('imports nothing but modules of Node, and for browsers nothing at all', () => {
    const imported = new Map<string, string[]>();
    for (const name of readdirSync(library)) {
      if (!name.endsWith('.js')) continue;
      const text = readFileSync(join(library, name), 'utf8');
      const found = [...text.matchAll(/(?:\bfrom|\bimport\(|^import) ?"([^"]+)"/gm)].map(([, id = '']) => id);
      imported.set(
        name,
        found.filter((id) => !id.startsWith('./')),
      );
    }
    assert.ok([...imported.keys()].includes('browser.js'));
    const forBrowsers = [...imported].filter(([name]) => name.startsWith('browser'));
    assert.deepEqual(
      forBrowsers.flatMap(([, ids]) => ids),
      [],
    );
    const others = [...imported.values()].flat();
    assert.ok(others.includes('node:crypto'));
    assert.deepEqual(
      others.filter((id) => !isBuiltin(id)),
      [],
    );
  });
});

/** The types of Node, which the examples of the guide use. */
const NODE_TYPES = {
  types: ['node'],
  typeRoots: [join(PACKAGE, 'node_modules', '@types')],
  skipLibCheck: true,
};

/** What a user writes. Lines that the compiler must refuse are marked. */
const CONSUMER = `
import { explain, parseCertificate, parseManifests, seal, SealedSecretsError, sealValue, toYaml } from 'sealed-secrets';
import type { ErrorCode, Scope, SealedSecretManifest } from 'sealed-secrets';

export async function use(pem: string, scope: Scope): Promise<string> {
  const certificate = await parseCertificate(pem);
  const sealed: SealedSecretManifest = await seal({ metadata: { name: 'a' }, stringData: {} }, { certificate, scope });
  const name: string = sealed.metadata.name;
  for (const manifest of parseManifests(toYaml(sealed))) {
    if (manifest.kind === 'Secret') await seal(manifest, { certificate });
    const { items } = await explain(manifest, { certificates: [certificate] });
    for (const item of items) if ('length' in item) item.length.toFixed();
  }
  await sealValue(new Uint8Array(1), { certificate, scope, name, namespace: 'b' });
  await sealValue('a', { certificate, scope: 'cluster-wide' });
  // @ts-expect-error A strict value needs its place.
  await sealValue('a', { certificate });
  // @ts-expect-error A namespace-wide value needs its namespace.
  await sealValue('a', { certificate, scope: 'namespace-wide', name });
  // @ts-expect-error Only parseCertificate makes certificates.
  await seal({}, { certificate: { pem, fingerprint: '', notBefore: new Date(), notAfter: new Date() } });
  const error: unknown = undefined;
  const code: ErrorCode | undefined = error instanceof SealedSecretsError ? error.code : undefined;
  return String(code);
}
`;

const FOR_NODE_ONLY = `
import { parsePrivateKey, unseal } from 'sealed-secrets';
export const keys = parsePrivateKey('');
export const secret = keys.then((key) => unseal({}, { privateKeys: [key] })).then(({ data }) => data['a']?.length);
`;

const NOT_FOR_BROWSERS = `
// @ts-expect-error Private keys do not belong in a browser.
import { unseal } from 'sealed-secrets';
export { unseal };
`;

suite('the types of the packed package', () => {
  before(() => installPackage(folder.path));

  /** Returns what the compiler says against a module that imports the package. */
  function problems(name: string, text: string, options: ts.CompilerOptions): string[] {
    const program = ts.createProgram([folder.write(name, text)], {
      target: ts.ScriptTarget.ES2022,
      lib: ['lib.es2022.d.ts', 'lib.dom.d.ts'],
      types: [],
      strict: true,
      exactOptionalPropertyTypes: true,
      noEmit: true,
      ...options,
    });
    return ts
      .getPreEmitDiagnostics(program)
      .map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, '\n'));
  }

  const nodeNext = { module: ts.ModuleKind.NodeNext, moduleResolution: ts.ModuleResolutionKind.NodeNext };
  const bundler = { module: ts.ModuleKind.ESNext, moduleResolution: ts.ModuleResolutionKind.Bundler };
  const browser = { ...bundler, customConditions: ['browser'] };

  for (const [what, options] of [
    ['nodenext', nodeNext],
    ['bundler', bundler],
    ['bundler, for browsers', browser],
  ] as const) {
    test(`accept what is right and refuse what is wrong: ${what}`, () => {
      assert.deepEqual(problems('consumer.mts', CONSUMER, options), []);
    });
  }

  const guide = readFileSync(join(PACKAGE, 'docs', 'library.md'), 'utf8');
  const blocks = [...guide.matchAll(/^```ts\n([^]*?)^```$/gm)].map(([, text = '']) => text);
  test('accept each example of docs/library.md', () => {
    assert.ok(blocks.length > 5);
    for (const [index, text] of blocks.entries())
      assert.deepEqual(problems(`guide-${index}.mts`, text, { ...nodeNext, ...NODE_TYPES }), [], text);
  });

  test('have unsealing in Node only', () => {
    assert.deepEqual(problems('node.mts', FOR_NODE_ONLY, nodeNext), []);
    assert.deepEqual(problems('node.mts', FOR_NODE_ONLY, bundler), []);
    assert.deepEqual(problems('not-for-browsers.mts', NOT_FOR_BROWSERS, browser), []);
  });
});

suite('the reports of the surface', () => {
  for (const entry of ENTRIES) {
    test(`are those of the code: ${entry} (npm run api updates them)`, () => {
      const [made, kept] = [MADE_REPORTS, REPORTS].map((dir) =>
        readFileSync(join(dir, reportName(entry)), 'utf8'),
      );
      assert.equal(kept, made);
    });
  }
});
