import type { FileRule } from '../file-rule.ts';
import type { ObjectRule } from '../object.ts';
import { lastApplied } from './last-applied.ts';
import { plaintextSecret } from './plaintext-secret.ts';
import { privateKey } from './private-key.ts';

/** The rules about objects, in the order of their ids. */
export const OBJECT_RULES: readonly ObjectRule[] = [plaintextSecret, lastApplied];

/** The rules about files of any kind. */
export const FILE_RULES: readonly FileRule[] = [privateKey];
