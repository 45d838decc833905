import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite, test } from 'node:test';
import { Reader } from '../shared/api/reader.ts';
import { chartFiles } from '../build/chart.ts';
import { CHART } from '../build/helm.ts';
import { nodePin } from '../build/pinned-node.ts';
import { PACKAGE } from './support/package.ts';

function read(name: string): Reader {
  return new Reader(JSON.parse(readFileSync(join(PACKAGE, name), 'utf8')), { source: name });
}

interface Locked {
  readonly path: string;
  readonly version: string;
  readonly dev: boolean;
  readonly hasInstallScript: boolean;
}

const locked: Locked[] = [...read('package-lock.json').entries('packages')]
  .filter(([path]) => path !== '')
  .map(([path, value]) => {
    const entry = new Reader(value, { source: path });
    return {
      path,
      version: entry.requiredString('version'),
      dev: entry.boolean('dev') ?? false,
      hasInstallScript: entry.boolean('hasInstallScript') ?? false,
    };
  });

function atLeast(version: string, wanted: string): boolean {
  const [a, b] = [version, wanted].map((text) => text.split('.').map(Number));
  for (let i = 0; i < 3; i++) {
    const difference = (a?.[i] ?? 0) - (b?.[i] ?? 0);
    if (difference !== 0) return difference > 0;
  }
  return true;
}

suite('the package', () => {
  test('has only the chosen dependencies', () => {
    const names = [...read('package.json').stringMap('dependencies').keys()];
    assert.deepEqual(names, [
      '@kubernetes/client-node',
      'age-encryption',
      'bcryptjs',
      'commander',
      'js-yaml',
      'openid-client',
      'pino',
      'prom-client',
      're2js',
    ]);
  });

  // node-forge: CVE-2025-12816, -66030, -66031, CVE-2026-33891, -33894, -33895, -33896, -85393. js-yaml: CVE-2025-64718;
  // client-node brings version 4, where it is mended since 4.1.1. jsonpath-plus: CVE-2024-21534, CVE-2025-1302. tar-fs:
  // CVE-2024-12905, CVE-2025-48387, CVE-2025-59343. form-data: CVE-2025-7783. ws: CVE-2024-37890.
  for (const [name, wanted] of [
    ['node-forge', '1.4.3'],
    ['js-yaml', '4.1.1'],
    ['jsonpath-plus', '10.3.0'],
    ['tar-fs', '3.1.1'],
    ['form-data', '4.0.4'],
    ['ws', '8.17.1'],
  ] as const) {
    test(`has ${name} of at least ${wanted}, also as an indirect dependency`, () => {
      const found = locked.filter(({ path }) => path.endsWith(`node_modules/${name}`));
      assert.notEqual(found.length, 0);
      for (const { path, version } of found) assert.ok(atLeast(version, wanted), `${path}: ${version}`);
    });
  }

  test('reads YAML with js-yaml of at least 5.5.0', () => {
    const own = locked.find(({ path }) => path === 'node_modules/js-yaml');
    assert.ok(own && atLeast(own.version, '5.5.0'));
  });

  test('is tested on the oldest Node that it supports', () => {
    const oldest = read('package.json').stringMap('engines').get('node');
    for (const architecture of ['amd64', 'arm64'] as const) {
      assert.equal(`>=${nodePin('floor', architecture).version}`, `${oldest}.0`);
    }
  });

  test('ships the page that its controller serves', () => {
    assert.ok(read('package.json').strings('files').includes('dist/web'));
  });

  test('needs no install script', () => {
    assert.deepEqual(
      locked.filter(({ hasInstallScript }) => hasInstallScript),
      [],
    );
  });
});

test('the code never uses the output of raw RSA, and does not unpad OAEP itself', () => {
  const forbidden = /RSA_NO_PADDING|privateDecrypt|forge\.\w*rsa/i;
  const decrypting: string[] = [];
  for (const top of ['cli', 'controller', 'library', 'shared']) {
    for (const file of readdirSync(join(PACKAGE, top), { recursive: true, encoding: 'utf8' })) {
      if (!file.endsWith('.ts')) continue;
      const text = readFileSync(join(PACKAGE, top, file), 'utf8');
      assert.doesNotMatch(text, forbidden, file);
      if (/\bdecrypt\(/.test(text)) decrypting.push(`${top}/${file}`);
    }
  }
  // An envelope is opened, in turn where many are; a key is tried on what it has just sealed itself; Sprig has an AES
  // of its own; a backup is encrypted with age.
  assert.deepEqual(decrypting.sort(), [
    'cli/key-backup/encryption.ts',
    'shared/crypto/decryption-key.ts',
    'shared/crypto/open-envelope.ts',
    'shared/crypto/private-key.ts',
    'shared/seal/keyring.ts',
    'shared/template/sprig/aes.ts',
  ]);
});

test('the chart has the CRD, the version and the table of values that "npm run build:chart" gives it', async () => {
  for (const [name, text] of await chartFiles()) {
    assert.equal(readFileSync(join(CHART, name), 'utf8'), text, name);
  }
});
