import { statSync } from 'node:fs';
import { dirname } from 'node:path';
import { realPathOf } from '../config/real-path.ts';
import { fail } from '../errors.ts';
import { isReplaceable } from '../io/output.ts';
import { withName } from './pattern.ts';

/**
 * Returns the file of each cluster. Throws `SameFile` if two clusters have the same one, also through links, `NotAFile`
 * for a pipe or a device, and `NoSuchFolders` if folders are missing.
 */
export async function filesOf(pattern: string, clusters: readonly string[]): Promise<readonly string[]> {
  const files = clusters.map((name) => withName(pattern, name));
  const owners = new Map<string, string>();
  for (const [index, file] of files.entries()) {
    if (!(await isReplaceable(file))) fail({ code: 'NotAFile', at: file });
    const cluster = clusters[index] ?? '';
    const { path } = realPathOf(file);
    const other = owners.get(path);
    if (other !== undefined) fail({ code: 'SameFile', file, clusters: [other, cluster] });
    owners.set(path, cluster);
  }
  const missing = [...owners.keys()].flatMap((path, index) =>
    isFolder(dirname(path)) ? [] : [dirname(files[index] ?? path)],
  );
  if (missing.length > 0) fail({ code: 'NoSuchFolders', folders: [...new Set(missing)] });
  return files;
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
}
