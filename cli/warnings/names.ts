import { nameWarnings, type ObjectNames } from '../../shared/input/names.ts';
import type { CliContext } from '../context.ts';

/** Warns of names that the API server refuses. */
export function warnOfNames(objects: readonly ObjectNames[], context: CliContext): void {
  for (const warning of nameWarnings(objects)) context.warn(`warning: ${warning}`);
}
