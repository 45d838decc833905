import { relative, resolve, sep } from 'node:path';

/** The name of standard input, which is no path. */
const STDIN = '<stdin>';

/**
 * Returns a path relative to the working folder, with forward slashes. In CI that is the root of the repository, from
 * which GitHub and GitLab read paths.
 */
export function relativePath(file: string): string {
  if (file === STDIN) return 'stdin';
  return relative('', resolve(file)).split(sep).join('/');
}
