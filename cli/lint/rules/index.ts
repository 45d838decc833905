import type { FileRule } from '../file-rule.ts';
import type { ObjectRule } from '../object.ts';
import { bothScopes } from './both-scopes.ts';
import { generatedName } from './generated-name.ts';
import { invalidName } from './invalid-name.ts';
import { lastApplied } from './last-applied.ts';
import { plaintextSecret } from './plaintext-secret.ts';
import { privateKey } from './private-key.ts';
import { schema } from './schema.ts';
import { scopeOnTemplate } from './scope-on-template.ts';
import { scopeTooWide } from './scope-too-wide.ts';
import { template } from './template.ts';
import { tooLarge } from './too-large.ts';

/** The rules about objects, in the order of their ids. */
export const OBJECT_RULES: readonly ObjectRule[] = [
  plaintextSecret,
  schema,
  bothScopes,
  scopeOnTemplate,
  generatedName,
  scopeTooWide,
  lastApplied,
  template,
  invalidName,
  tooLarge,
];

/** The rules about files of any kind. */
export const FILE_RULES: readonly FileRule[] = [privateKey];
