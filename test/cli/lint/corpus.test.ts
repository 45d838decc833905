import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite, test } from 'node:test';
import { lintFile } from '../../../cli/lint/lint-file.ts';
import type { Finding } from '../../../cli/lint/problem.ts';
import { isManifestName } from '../../../cli/files/folder-walk.ts';
import { CORPUS, corpusContext } from './corpus-context.ts';

const files = readdirSync(CORPUS, { withFileTypes: true })
  .filter((entry) => entry.isFile() && !entry.name.startsWith('.') && !entry.name.endsWith('.expect'))
  .map(({ name }) => name);

/** Reads the lines `expect: …` of a file, or of the file beside it whose name ends in `.expect`. */
function expected(name: string): readonly string[] {
  const beside = join(CORPUS, `${name}.expect`);
  const text = readFileSync(existsSync(beside) ? beside : join(CORPUS, name), 'utf8');
  const lines = [...text.matchAll(/^(?:# )?expect: (.*)$/gm)].map(([, words = '']) => words.trim());
  assert.ok(lines.length > 0, `${name} has no line "# expect: …"`);
  return lines.includes('nothing') ? lines.filter((line) => line !== 'nothing') : lines;
}

function shown({ rule, severity, line, column }: Finding): string {
  return `${rule} ${severity} ${line}:${column}`;
}

suite('the corpus of lint', () => {
  for (const name of files) {
    test(`has the findings that the file expects: ${name}`, async () => {
      const bytes = readFileSync(join(CORPUS, name));
      const isManifest = isManifestName(name);
      const report = await lintFile({ file: name, bytes, isManifest }, await corpusContext(name));
      assert.deepEqual(
        report.unchecked.map((failure) => failure.describe()),
        [],
      );
      assert.deepEqual(report.findings.map(shown).sort(), [...expected(name)].sort());
    });
  }
});
