import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { Reader } from '../shared/api/reader.ts';

/** The folder that has the package.json, wherever the compiled scripts are. */
export const PACKAGE = find(import.meta.dirname);

/** Where everything that is built goes. */
export const DIST = join(PACKAGE, 'dist');

/** The command line as it is bundled for Node, and the file in it to run. */
export const NODE_DIR = join(DIST, 'kubeseal');
export const NODE_ENTRY = join(NODE_DIR, 'main.cjs');

/** Reads a JSON object of the package. */
export function readJson(...path: readonly string[]): Reader {
  const file = join(PACKAGE, ...path);
  return new Reader(JSON.parse(readFileSync(file, 'utf8')), { source: file });
}

function find(dir: string): string {
  return existsSync(join(dir, 'package.json')) ? dir : find(dirname(dir));
}
