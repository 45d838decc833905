import { dockerDraft } from './docker-draft.ts';
import { formDraft } from './form-draft.ts';
import { secretDrafts } from './secret-drafts.ts';
import { tlsDraft } from './tls-draft.ts';
import type { Drafts } from './draft.ts';
import type { Input, SealedInput } from './types.ts';

/** What makes new SealedSecrets. */
export type NewInput = Exclude<Input, SealedInput>;

/** Returns the Secrets of an input, and what is wrong with them. */
export async function draftsOf(input: NewInput): Promise<Drafts> {
  switch (input.kind) {
    case 'secrets':
      return secretDrafts(input);
    case 'form':
      return formDraft(input);
    case 'docker':
      return dockerDraft(input);
    case 'tls':
      return tlsDraft(input);
  }
}
