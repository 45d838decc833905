import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { Reader } from '../shared/api/reader.ts';

/** The folder with the package.json, wherever the compiled scripts are. */
export const PACKAGE = find(import.meta.dirname);

/** The folder for everything that is built. */
export const DIST = join(PACKAGE, 'dist');

/** The folder of the bundle of kubeseal for Node. */
export const NODE_DIR = join(DIST, 'kubeseal');
/** The entry point of the bundle for Node. */
export const NODE_ENTRY = join(NODE_DIR, 'main.cjs');

/** The page that seals in a browser. */
export const WEB_PAGE = join(DIST, 'web', 'seal.html');

/** Reads a JSON object from a file of the package. */
export function readJson(...path: readonly string[]): Reader {
  const file = join(PACKAGE, ...path);
  return new Reader(JSON.parse(readFileSync(file, 'utf8')), { source: file });
}

/** Returns the version of the package. */
export function packageVersion(): string {
  return readJson('package.json').requiredString('version');
}

function find(dir: string): string {
  return existsSync(join(dir, 'package.json')) ? dir : find(dirname(dir));
}
