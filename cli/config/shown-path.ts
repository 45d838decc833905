import { isAbsolute, relative } from 'node:path';

/** Returns a file as a user in the working folder would write it, if that is shorter. Leaves URLs as they are. */
export function shownPath(path: string): string {
  if (!isAbsolute(path)) return path;
  const short = relative(process.cwd(), path);
  return short.length < path.length ? short : path;
}
