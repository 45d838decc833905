import { bothScopes } from '../../../cli/lint/rules/both-scopes.ts';
import { generatedName } from '../../../cli/lint/rules/generated-name.ts';
import { invalidName } from '../../../cli/lint/rules/invalid-name.ts';
import { schema } from '../../../cli/lint/rules/schema.ts';
import { scopeOnTemplate } from '../../../cli/lint/rules/scope-on-template.ts';
import { scopeTooWide } from '../../../cli/lint/rules/scope-too-wide.ts';
import { template } from '../../../cli/lint/rules/template.ts';
import { tooLarge } from '../../../cli/lint/rules/too-large.ts';
import type { ObjectRule } from '../../../cli/lint/object.ts';

/** The rules that look at nothing but a SealedSecret itself. */
export const CONTENT_RULES: readonly ObjectRule[] = [
  ...[schema, bothScopes, scopeOnTemplate, generatedName],
  ...[scopeTooWide, template, invalidName, tooLarge],
];
