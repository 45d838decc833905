import { realpathSync } from 'node:fs';
import { systemCode } from '../../../shared/file-errors.ts';

/** Returns a path without symbolic links; undefined for a path that leads nowhere. */
export function resolvedPath(path: string): string | undefined {
  try {
    return realpathSync(path);
  } catch (error) {
    if (systemCode(error) !== '') return undefined;
    throw error;
  }
}
