import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { suite, test } from 'node:test';
import { tableUnder } from '../docs/table.ts';
import { PACKAGE } from '../support/package.ts';

/** Codes of functions that the library does not call, in modules that it imports. */
const NEVER: ReadonlySet<string> = new Set([
  // Objects of the API server.
  'DeepNesting',
  // Files that must hold a document.
  'NoDocument',
]);

/** Returns a file of the package and all that it imports, as paths in the package. */
function importedBy(entry: string): ReadonlySet<string> {
  const files = new Set([entry]);
  for (const file of files) {
    const text = readFileSync(join(PACKAGE, file), 'utf8');
    for (const [, path = ''] of text.matchAll(/(?:from|import\() ?'(\.[^']+)'/g)) {
      const imported = relative(PACKAGE, join(PACKAGE, dirname(file), path));
      assert.ok(existsSync(join(PACKAGE, imported)), imported);
      files.add(imported);
    }
  }
  return files;
}

/** Returns the codes of the failures that files make. */
function codesIn(files: Iterable<string>): string[] {
  const codes = new Set<string>();
  for (const file of files) {
    const text = readFileSync(join(PACKAGE, file), 'utf8');
    for (const [, code = ''] of text.matchAll(/\b(?:fail\w*|\w+Failure)\(\s*{\s*code: '(\w+)'/g))
      codes.add(code);
  }
  return [...codes].filter((code) => !NEVER.has(code)).sort();
}

/** Returns the codes of the type `ErrorCode`. */
function declaredCodes(): string[] {
  const text = readFileSync(join(PACKAGE, 'library', 'errors.ts'), 'utf8');
  const [, union = ''] = /export type ErrorCode =([^;]+);/.exec(text) ?? [];
  return [...union.matchAll(/'(\w+)'/g)].map(([, code = '']) => code).sort();
}

suite('the codes of the library', () => {
  test('are those of all failures in the code that it imports', () => {
    assert.deepEqual(
      declaredCodes(),
      [...codesIn(importedBy('library/index.ts')), 'Internal', 'NoWebCrypto'].sort(),
    );
  });

  test('are all in docs/library.md', () => {
    const codes = tableUnder('docs/library.md', '## Errors').flatMap(([cell = '']) =>
      [...cell.matchAll(/`(\w+)`/g)].map(([, code = '']) => code),
    );
    assert.deepEqual(codes.sort(), declaredCodes());
  });
});
