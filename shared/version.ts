import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { Reader } from './api/reader.ts';

/** Set by the bundler, since a bundle has no package.json. */
declare const PACKAGE_VERSION: string | undefined;

/** Returns the version in the package's own package.json; `unknown` if there is none. */
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
