import { newMetadata } from '../../shared/api/metadata.ts';
import type { Place } from '../../shared/api/place.ts';
import type { Secret } from '../../shared/api/secret.ts';
import { THE_FORM } from './sources.ts';
import type { Field, Message } from './types.ts';

/** A Secret to seal, before its namespaces are known. */
export interface Draft {
  readonly secret: Secret;
  readonly place: Place;
}

/** The Secrets of an input. There may be fewer than the input has if there is an error. */
export interface Drafts {
  readonly drafts: readonly Draft[];
  readonly messages: readonly Message[];
  /** The control that a Secret's own name, type and items come from. */
  readonly fields: DraftFields;
}

/** The controls that the parts of a Secret come from. */
export interface DraftFields {
  readonly name: Field;
  readonly type: Field;
  readonly items: Field;
  /** Whether a person types the name in the page, where nothing replaces it later as in a file with placeholders. */
  readonly typed: boolean;
}

/** The controls of a form. */
export const FORM_FIELDS: DraftFields = {
  name: { name: 'name' },
  type: { name: 'type' },
  items: { name: 'items' },
  typed: true,
};

/** Returns the draft of a Secret that a person fills in. */
export function newDraft(name: string, type: string, data: ReadonlyMap<string, Uint8Array>): Draft {
  const secret = { metadata: newMetadata({ name }), type, immutable: undefined, data };
  return { secret, place: { source: THE_FORM } };
}
