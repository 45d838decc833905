import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, suite, test } from 'node:test';
import { Ajv } from 'ajv';
import { load } from 'js-yaml';
import { CHART } from '../../build/helm.ts';
import { PACKAGE, readJson } from '../../build/package.ts';
import { homebrewFormula, krewManifest, type Download } from '../../build/release/package-managers.ts';
import { makeRelease } from '../../build/release/release.ts';
import { jsonSchema } from '../../build/release/schema.ts';
import { TARGETS, thisMachine } from '../../build/targets.ts';
import { Reader } from '../../shared/api/reader.ts';
import { at } from '../control-plane/admin-client.ts';
import { run } from '../support/run.ts';
import { temporaryFolder } from '../support/temporary.ts';
import { CASES } from '../support/vectors.ts';

const VERSION = readJson('package.json').requiredString('version');
const URL_ = 'https://example.com/releases';
const folder = temporaryFolder();
const release = join(folder.path, 'release');

/** The name of this machine's archive. */
const ARCHIVE = `kubeseal-${VERSION}-${process.platform}-${process.arch === 'x64' ? 'amd64' : process.arch}.tar.gz`;

function make(to: string): Promise<readonly string[]> {
  const manifests = [folder.write('controller.yaml', 'kind: List\n')];
  const targets = [thisMachine()];
  const say = (): void => undefined;
  return makeRelease({ targets, url: URL_, homepage: 'https://example.com', manifests, say, folder: to });
}

function text(name: string): string {
  return readFileSync(join(release, name), 'utf8');
}

function sha256(name: string): string {
  return createHash('sha256')
    .update(readFileSync(join(release, name)))
    .digest('hex');
}

suite('a release, with kubeseal for this machine', () => {
  before(() => make(release));

  test('has the files that a release page shows, with one version in their names', () => {
    assert.deepEqual(
      readdirSync(release).sort(),
      [
        ARCHIVE,
        'controller.yaml',
        'kubeseal-lint.gitlab-ci.yml',
        'kubeseal.rb',
        'kubeseal.schema.json',
        'seal.yaml',
        `sealed-secrets-${VERSION}-checksums.txt`,
        `sealed-secrets-${VERSION}.cdx.json`,
        `sealed-secrets-${VERSION}.tgz`,
        'sealedsecret_v1alpha1.json',
        'sealedsecrets.bitnami.com.yaml',
      ].sort(),
    );
  });

  test('is the same whenever it is made', async () => {
    const again = join(folder.path, 'again');
    await make(again);
    assert.deepEqual(readdirSync(again), readdirSync(release));
    for (const name of readdirSync(again)) {
      assert.ok(readFileSync(join(again, name)).equals(readFileSync(join(release, name))), name);
    }
  });

  test('has checksums of all its other files, and sha256sum agrees', async () => {
    const sums = `sealed-secrets-${VERSION}-checksums.txt`;
    const named = text(sums)
      .trimEnd()
      .split('\n')
      .map((line) => line.split('  ')[1]);
    assert.deepEqual(
      named.sort(),
      readdirSync(release)
        .filter((name) => name !== sums)
        .sort(),
    );
    const checked = await run('sha256sum', ['--check', '--strict', sums], { cwd: release });
    assert.equal(checked.code, 0, checked.stderr + checked.stdout);
  });

  test('has a kubeseal of its version in the archive, with the licences of all that is in it', async () => {
    const unpacked = join(folder.path, 'unpacked');
    mkdirSync(unpacked);
    const tar = await run('tar', ['-xvzf', join(release, ARCHIVE), '-C', unpacked]);
    assert.equal(tar.stderr, '');
    assert.deepEqual(tar.stdout.trim().split('\n'), [
      ...['LICENSE', 'README.md', 'THIRD-PARTY-NOTICES.txt', 'kubeseal'],
    ]);
    const { stdout } = await run(join(unpacked, 'kubeseal'), ['--version']);
    assert.equal(stdout, `kubeseal version: ${VERSION}\n`);
    const notices = readFileSync(join(unpacked, 'THIRD-PARTY-NOTICES.txt'), 'utf8');
    assert.match(notices, /^js-yaml \d+\.\d+\.\d+ \(MIT\)$/m);
    assert.match(notices, /^Bun itself is MIT-licensed\.$/m);
    assert.match(notices, /^ +GNU LESSER GENERAL PUBLIC LICENSE$/m);
  });

  test('has a manifest for krew that finds the archive', () => {
    const plugin = new Reader(load(text('seal.yaml')), { source: 'seal.yaml' });
    assert.equal(plugin.object('metadata')?.requiredString('name'), 'seal');
    const spec = plugin.object('spec');
    assert.equal(spec?.requiredString('version'), `v${VERSION}`);
    const platforms = spec.list('platforms').map(({ value, place }) => new Reader(value, place));
    assert.deepEqual(
      platforms.map((each) => [
        each.requiredString('uri'),
        each.requiredString('sha256'),
        each.requiredString('bin'),
      ]),
      [[`${URL_}/${ARCHIVE}`, sha256(ARCHIVE), 'kubeseal']],
    );
  });

  test('has a formula for Homebrew that finds the archive', () => {
    const formula = text('kubeseal.rb');
    assert.ok(formula.includes(`url "${URL_}/${ARCHIVE}"\n      sha256 "${sha256(ARCHIVE)}"\n`));
    assert.ok(formula.includes(`version "${VERSION}"\n`));
    const ruby = spawnSync('ruby', ['-c'], { input: formula, encoding: 'utf8' });
    if (!ruby.error) assert.equal(ruby.status, 0, ruby.stderr);
  });

  test('has a job for GitLab that downloads this archive from this place', () => {
    const job = at(load(text('kubeseal-lint.gitlab-ci.yml')), 'kubeseal-lint');
    assert.equal(at(job, 'variables', 'KUBESEAL_VERSION'), VERSION);
    assert.equal(at(job, 'variables', 'KUBESEAL_URL'), URL_);
    const processor = process.arch === 'x64' ? 'AMD64' : 'ARM64';
    assert.equal(at(job, 'variables', `KUBESEAL_SHA256_${processor}`), sha256(ARCHIVE));
  });

  test('has a bill of materials with what is in the programs and in the image', () => {
    const name = `sealed-secrets-${VERSION}.cdx.json`;
    const bill = new Reader(JSON.parse(text(name)), { source: name });
    assert.equal(bill.requiredString('bomFormat'), 'CycloneDX');
    assert.equal(bill.object('metadata')?.object('component')?.requiredString('version'), VERSION);
    const components = bill.list('components').map(({ value, place }) => new Reader(value, place));
    const names = components.map((each) => each.requiredString('name'));
    for (const part of [...readJson('package.json').stringMap('dependencies').keys(), 'node', 'bun']) {
      assert.ok(names.includes(part), part);
    }
    const refs = components.map((each) => each.requiredString('bom-ref'));
    assert.equal(new Set(refs).size, refs.length);
  });
});

test('the chart and what it runs have the version of the package', () => {
  const chart = new Reader(load(readFileSync(join(CHART, 'Chart.yaml'), 'utf8')), { source: 'Chart.yaml' });
  assert.equal(chart.requiredString('version'), VERSION);
  assert.equal(chart.requiredString('appVersion'), VERSION);
});

suite('for all machines', () => {
  const downloads: readonly Download[] = TARGETS.map((target, index) => ({
    target,
    url: `${URL_}/${target.name}`,
    sha256: String(index).repeat(64),
  }));
  const about = { version: VERSION, homepage: 'https://example.com' };

  test('krew is told of each by the names of Go', () => {
    const plugin = new Reader(load(krewManifest(about, downloads)), { source: 'krew' });
    const platforms = plugin.object('spec')?.list('platforms') ?? [];
    assert.deepEqual(
      platforms.map(({ value, place }) => {
        const platform = new Reader(value, place);
        const labels = platform.object('selector')?.stringMap('matchLabels');
        return [
          labels?.get('os'),
          labels?.get('arch'),
          platform.string('sha256')?.[0],
          platform.string('bin'),
        ];
      }),
      [
        ['linux', 'amd64', '0', 'kubeseal'],
        ['linux', 'arm64', '1', 'kubeseal'],
        ['darwin', 'arm64', '2', 'kubeseal'],
        ['darwin', 'amd64', '3', 'kubeseal'],
        ['windows', 'amd64', '4', 'kubeseal.exe'],
      ],
    );
  });

  test('Homebrew is told of those that it runs on, each under its system', () => {
    const formula = homebrewFormula(about, downloads);
    const told = [...formula.matchAll(/on_(\w+) do|sha256 "(\d)/g)].map(
      ([, system, digit]) => system ?? digit,
    );
    assert.deepEqual(told, ['macos', 'arm', '2', 'intel', '3', 'linux', 'intel', '0', 'arm', '1']);
  });
});

suite('the JSON Schema of SealedSecrets', () => {
  const definition = readFileSync(join(PACKAGE, 'crds', 'sealedsecrets.bitnami.com.yaml'), 'utf8');
  const schema = jsonSchema(load(definition));
  const validate = new Ajv({ strict: false, validateFormats: false }).compile(schema);

  test('is in the release', () => {
    assert.deepEqual(JSON.parse(text('sealedsecret_v1alpha1.json')), schema);
  });

  const good = (): Record<string, unknown> => ({
    apiVersion: 'bitnami.com/v1alpha1',
    kind: 'SealedSecret',
    metadata: { name: 'db' },
    spec: { encryptedData: { password: 'AgB' }, template: { type: 'Opaque' } },
  });

  test('accepts what the reference seals', () => {
    const sealed = CASES.filter(({ source }) => source !== undefined);
    assert.ok(sealed.length > 10);
    for (const { name, sealedSecret } of sealed) assert.ok(validate(sealedSecret), name);
    assert.ok(validate(good()));
  });

  const wrong: [string, Record<string, unknown>][] = [
    ['another kind', { kind: 'Secret' }],
    ['another version', { apiVersion: 'bitnami.com/v1' }],
    ['no metadata', { metadata: undefined }],
    ['no spec', { spec: undefined }],
    ['no encryptedData', { spec: {} }],
    ['encryptedData that is no map', { spec: { encryptedData: 'AgB' } }],
    ['an unknown field', { spec: { encryptedData: {}, templates: {} } }],
    ['a template that is no map', { spec: { encryptedData: {}, template: 'Opaque' } }],
    ['a type that is no string', { spec: { encryptedData: {}, template: { type: 1 } } }],
    ['plaintext beside the spec', { stringData: { password: 'x' } }],
  ];
  for (const [what, change] of wrong) {
    test(`refuses ${what}`, () => {
      const document: unknown = JSON.parse(JSON.stringify({ ...good(), ...change }));
      assert.equal(validate(document), false);
    });
  }
});
