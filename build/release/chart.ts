import { readdirSync, readFileSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { CHART } from '../helm.ts';
import { tarGz, type Entry } from './archive.ts';

/** Packages the chart for `helm install`. Unlike helm's own packages, the result is reproducible. */
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

/** Reads the patterns of files to exclude. `.helmignore` only uses the simplest kind, in which `*` matches anything. */
function ignorePatterns(): readonly RegExp[] {
  const lines = readFileSync(join(CHART, '.helmignore'), 'utf8').split('\n');
  const patterns = lines.map((line) => line.trim()).filter((line) => line !== '' && !line.startsWith('#'));
  return patterns.map((pattern) => {
    if (!/^[\w.*~-]+$/.test(pattern))
      throw new Error(`.helmignore: only names and * are understood: ${pattern}`);
    return new RegExp(`^${pattern.replaceAll('.', '\\.').replaceAll('*', '.*')}$`);
  });
}
