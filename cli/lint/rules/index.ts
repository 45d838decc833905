import type { FileRule } from '../file-rule.ts';
import type { ObjectRule } from '../object.ts';

/** The rules about objects, in the order of their ids. */
export const OBJECT_RULES: readonly ObjectRule[] = [];

/** The rules about files of any kind. */
export const FILE_RULES: readonly FileRule[] = [];
