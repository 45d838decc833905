import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { suite, test } from 'node:test';
import { NODE_DIR } from '../../build/package.ts';
import { bundleScript } from '../../build/web/script.ts';
import { PACKAGE } from '../support/package.ts';

const library = readFileSync(fileURLToPath(import.meta.resolve('js-yaml')), 'utf8');
const MANIFESTS = join(PACKAGE, 'shared', 'manifest', 'edit.ts');

/** Texts in the parts of js-yaml that write YAML and make dates. */
const UNUSED = ['flowBracketPadding', 'preferredQuotedStyle', '(?:[Tt]|[ \\\\t]+)'];
const USED = 'missed comma between flow collection entries';

suite('of js-yaml, a bundle holds what reads, and nothing that writes:', () => {
  test('the library has both', () => {
    for (const text of [...UNUSED, USED]) assert.ok(library.includes(text), text);
  });

  test('kubeseal', () => {
    const files = readdirSync(NODE_DIR).filter((name) => name.endsWith('.cjs'));
    const code = files.map((name) => readFileSync(join(NODE_DIR, name), 'utf8')).join('\n');
    assert.ok(code.includes(USED));
    for (const text of UNUSED) assert.ok(!code.includes(text), text);
  });

  test('what the page that seals reads and edits manifests with', async () => {
    const { code } = await bundleScript(MANIFESTS);
    assert.ok(code.includes(USED));
    for (const text of UNUSED) assert.ok(!code.includes(text), text);
  });
});
