import { parseSecret } from '../../shared/api/secret.ts';
import { fieldWarning } from '../../shared/input/fields.ts';
import { nameWarnings } from '../../shared/input/names.ts';
import { readDocuments, requireDocuments } from '../../shared/manifest/read.ts';
import type { DraftFields, Drafts } from './draft.ts';
import { errorAt, thrownAt, warningAt } from './messages.ts';
import { recognize } from './recognize.ts';
import { sourceOf } from './sources.ts';
import type { Field, Message, Pasted, SecretsInput } from './types.ts';

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
    return { drafts: [], messages: [refusal(file, error)], fields: FILE_FIELDS };
  }
}

/** Returns why a text has no Secrets to seal. The page asks what a certificate is for, and nobody has answered yet. */
function refusal(file: Pasted, error: unknown): Message {
  const recognized = recognize(file);
  if (recognized.kind === 'refused') return recognized.message;
  if (recognized.kind !== 'certificate') return thrownAt(FILE, error);
  return errorAt(
    FILE,
    `${sourceOf(file)} is a certificate: choose whether to seal with it or to seal it as an item`,
  );
}
