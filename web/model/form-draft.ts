import { FORM_FIELDS, newDraft, type Drafts } from './draft.ts';
import { checkItems } from './items.ts';
import type { FormInput } from './types.ts';

/** Returns the Secret that a person fills in. */
export function formDraft({ name, type, items }: FormInput): Drafts {
  const { data, messages } = checkItems(items);
  return { drafts: [newDraft(name, type, data)], messages, fields: FORM_FIELDS };
}
