import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after } from 'node:test';

/** Creates a folder for the tests of one file, and removes it after them. */
export function temporaryFolder(): {
  readonly path: string;
  write(name: string, text: string | Buffer): string;
} {
  const path = mkdtempSync(join(tmpdir(), 'sealed-secrets-test-'));
  after(() => rmSync(path, { recursive: true, force: true }));
  return {
    path,
    write(name, text) {
      const file = join(path, name);
      writeFileSync(file, text);
      return file;
    },
  };
}
