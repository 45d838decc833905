import { parseSecret } from '../../shared/api/secret.ts';
import { fieldWarning } from '../../shared/input/fields.ts';
import { nameWarnings } from '../../shared/input/names.ts';
import { readDocuments, requireDocuments } from '../../shared/manifest/read.ts';
import type { DraftFields, Drafts } from './draft.ts';
import { thrownAt, warningAt } from './messages.ts';
import { sourceOf } from './sources.ts';
import type { Field, SecretsInput } from './types.ts';

const FILE: Field = { name: 'file' };

/** A file is one control. */
const FILE_FIELDS: DraftFields = { name: FILE, type: FILE, items: FILE, typed: false };

/** Returns the Secrets of a pasted text or a file. */
export function secretDrafts({ file }: SecretsInput): Drafts {
  const source = sourceOf(file);
  try {
    const documents = requireDocuments(readDocuments(file.bytes, source), source, 'Secret');
    const drafts = documents.map(({ value, place }) => ({ secret: parseSecret(value, place), place }));
    const warnings = [
      fieldWarning(documents, 'Secret') ?? [],
      nameWarnings(
        drafts.map(({ secret: { metadata, data }, place }) => {
          // Chosen namespaces may replace these, and are checked where they are chosen.
          return { metadata: { ...metadata, namespace: '' }, items: [...data.keys()], place };
        }),
      ),
    ].flat();
    return { drafts, messages: warnings.map((text) => warningAt(FILE, text)), fields: FILE_FIELDS };
  } catch (error) {
    return { drafts: [], messages: [thrownAt(FILE, error)], fields: FILE_FIELDS };
  }
}
