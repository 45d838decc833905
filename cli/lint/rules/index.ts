import type { FileRule } from '../file-rule.ts';
import type { ObjectRule } from '../object.ts';
import { bothScopes } from './both-scopes.ts';
import { generatedName } from './generated-name.ts';
import { invalidName } from './invalid-name.ts';
import { lastApplied } from './last-applied.ts';
import { oldKey } from './old-key.ts';
import { plaintextSecret } from './plaintext-secret.ts';
import { privateKey } from './private-key.ts';
import { schema } from './schema.ts';
import { scopeOnTemplate } from './scope-on-template.ts';
import { scopeTooWide } from './scope-too-wide.ts';
import { staleRecord } from './stale-record.ts';
import { template } from './template.ts';
import { tooLarge } from './too-large.ts';
import { wrongCluster } from './wrong-cluster.ts';
import { wrongPlace } from './wrong-place.ts';

/** The rules about objects, in the order of their ids. */
export const OBJECT_RULES: readonly ObjectRule[] = [
  plaintextSecret,
  wrongPlace,
  wrongCluster,
  oldKey,
  schema,
  bothScopes,
  scopeOnTemplate,
  generatedName,
  scopeTooWide,
  lastApplied,
  template,
  invalidName,
  tooLarge,
  staleRecord,
];

/** The rules about files of any kind. */
export const FILE_RULES: readonly FileRule[] = [privateKey];
