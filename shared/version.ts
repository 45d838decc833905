import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { Reader } from './api/reader.ts';

/** The version in the package's own package.json. */
export function version(): string {
  for (let dir = import.meta.dirname; dir !== dirname(dir); dir = dirname(dir)) {
    const file = join(dir, 'package.json');
    try {
      return new Reader(JSON.parse(readFileSync(file, 'utf8')), { source: file }).requiredString('version');
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw error;
    }
  }
  return 'unknown';
}
