import { readdirSync, readFileSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { CHART } from '../helm.ts';
import { tarGz, type Entry } from './archive.ts';

/** The package of the chart, as `helm install` takes it, but the same bytes whenever it is made, which helm's are not. */
export function chartPackage(): Buffer {
  const ignored = ignorePatterns();
  const files = readdirSync(CHART, { recursive: true, encoding: 'utf8' }).filter(
    (path) =>
      statSync(join(CHART, path)).isFile() && !ignored.some((pattern) => pattern.test(basename(path))),
  );
  return tarGz(
    files.map((path): Entry => ({ path: `sealed-secrets/${path}`, data: readFileSync(join(CHART, path)) })),
  );
}

/** The names of files that helm leaves out, of which `.helmignore` has the simplest kind alone: a `*` for anything. */
function ignorePatterns(): readonly RegExp[] {
  const lines = readFileSync(join(CHART, '.helmignore'), 'utf8').split('\n');
  const patterns = lines.map((line) => line.trim()).filter((line) => line !== '' && !line.startsWith('#'));
  return patterns.map((pattern) => {
    if (!/^[\w.*~-]+$/.test(pattern))
      throw new Error(`.helmignore: only names and * are understood: ${pattern}`);
    return new RegExp(`^${pattern.replaceAll('.', '\\.').replaceAll('*', '.*')}$`);
  });
}
