import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { Reader } from './api/reader.ts';

/** Set by the bundler: a bundle may stand alone, without the package.json. */
declare const PACKAGE_VERSION: string | undefined;

/** The version in the package's own package.json. */
export function version(): string {
  if (typeof PACKAGE_VERSION === 'string') return PACKAGE_VERSION;
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
