import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite, test } from 'node:test';
import { kubeseal } from '../support/run.ts';
import { temporaryFolder } from '../support/temporary.ts';
import { certificatePem } from '../support/vectors.ts';

const folder = temporaryFolder();
const trace = join(folder.path, 'trace');
const cert = folder.write('cert.pem', certificatePem('c2048'));

/** A repository whose files try to run code, or change settings, when a user seals in it. */
const repository = join(folder.path, 'repository');
const code = `require('fs').writeFileSync(${JSON.stringify(trace)}, '');\n`;
const settings =
  'SEALED_SECRETS_SCOPE=cluster-wide\nSEALED_SECRETS_CERT=./own.pem\nNODE_OPTIONS=-r ./code.cjs\n';
const files: Readonly<Record<string, string>> = {
  'bunfig.toml':
    'preload = ["./code.cjs"]\n[run]\npreload = ["./code.cjs"]\n[test]\npreload = ["./code.cjs"]\n',
  '.bunfig.toml': 'preload = ["./code.cjs"]\n',
  'code.cjs': code,
  '.env': settings,
  '.env.local': settings,
  '.env.production': settings,
  '.env.development': settings,
  'package.json': '{"name": "x", "imports": {"node:fs": "./code.cjs"}, "type": "commonjs"}\n',
  'tsconfig.json': '{"compilerOptions": {"paths": {"yaml": ["./code.cjs"], "node:fs": ["./code.cjs"]}}}\n',
  'node_modules/yaml/index.js': code,
  'node_modules/yaml/package.json': '{"name": "yaml", "main": "index.js"}\n',
};
for (const [name, text] of Object.entries(files)) {
  mkdirSync(join(repository, name, '..'), { recursive: true });
  writeFileSync(join(repository, name), text);
}

suite("in a folder that is someone else's", () => {
  const stdin = 'metadata: {name: db, namespace: prod}\nstringData: {password: hunter2}\n';
  for (const [whose, environment] of [
    ['the working folder', { HOME: '/nonexistent' }],
    ['the home folder', { HOME: repository, XDG_CONFIG_HOME: repository }],
  ] as const) {
    test(`which is ${whose}, kubeseal runs no code of it, and takes no settings from it`, async () => {
      const ran = await kubeseal(['--cert', cert], { stdin, cwd: repository, env: environment });
      assert.equal(ran.stderr, '');
      assert.equal(ran.code, 0);
      assert.match(ran.stdout, /"kind": "SealedSecret"/);
      assert.doesNotMatch(ran.stdout, /cluster-wide/);
      assert.deepEqual(readdirSync(folder.path).sort(), ['cert.pem', 'repository']);
    });
  }
});
