import type { SealedSecret } from '../../shared/api/sealed-secret.ts';
import type { SealedDocument } from '../../shared/input/sealed-document.ts';
import { utf8Bytes } from '../../shared/bytes.ts';
import { keyHintPatch } from '../../shared/input/key-hint.ts';
import { sizeWarnings } from '../../shared/input/sizes.ts';
import { editDocuments } from '../../shared/manifest/edit.ts';
import { parseText } from '../../shared/manifest/read.ts';
import { REMOVED, type Patch, type PatchMap } from '../../shared/manifest/splice.ts';
import { sealItems } from '../../shared/seal/seal-items.ts';
import { prepareEdit, type PreparedEdit } from './edit-plan.ts';
import { fileNameFor } from './file-name.ts';
import { hasError, sorted, thrownAt, warningAt } from './messages.ts';
import { sealedDocuments } from './sealed-documents.ts';
import { sourceOf } from './sources.ts';
import type { Choices, Output, Result, SealedInput } from './types.ts';

/** Seals items into a SealedSecret and removes others. Every other byte of the file stays as it is. */
export async function sealEdit(input: SealedInput, choices: Choices, now: Date): Promise<Result> {
  const edit = await prepareEdit(input, choices, now);
  const { target, messages, certificate } = edit;
  if (target === undefined || hasError(messages)) return { kind: 'refused', messages };
  const source = sourceOf(input.file);
  try {
    const { place } = target.document;
    const patch = await patchFor(edit, target);
    const text = editDocuments(input.file.bytes, source, [{ place, patch }]);
    const changed = sealedDocuments(utf8Bytes(text), source);
    const warnings = sizeWarnings(
      changed.map(({ sealed, document }) => ({ sealed, place: document.place })),
      { data: true },
    );
    return {
      kind: 'sealed',
      outputs: [
        {
          certificate: certificate?.name ?? '',
          fingerprint: certificate?.certificate.fingerprint ?? '',
          ...outputOf(text, input, target.sealed),
          documents: changed.length,
        },
      ],
      messages: sorted([...messages, ...warnings.map((text) => warningAt({ name: 'items' }, text))]),
    };
  } catch (error) {
    return { kind: 'refused', messages: sorted([...messages, thrownAt({ name: 'file' }, error)]) };
  }
}

async function patchFor(
  { values, removed, certificate }: PreparedEdit,
  { document, sealed }: SealedDocument,
): Promise<PatchMap> {
  const items = new Map<string, Patch>([...removed].map((item) => [item, REMOVED]));
  const patch = new Map<string, PatchMap>([['spec', new Map([['encryptedData', items]])]]);
  if (certificate === undefined || values.size === 0) return patch;
  const options = { certificate: certificate.certificate, place: document.place };
  for (const [item, text] of await sealItems(values, sealed, options)) items.set(item, text);
  const encryptedData = new Map([...sealed.encryptedData].filter(([item]) => !removed.has(item)));
  const hint = keyHintPatch(
    { ...sealed, encryptedData },
    { certificate: certificate.certificate, sealedItems: values, keyHint: undefined },
  );
  if (hint !== undefined) patch.set('metadata', hint);
  return patch;
}

function outputOf(
  text: string,
  { file }: SealedInput,
  { metadata }: SealedSecret,
): Pick<Output, 'fileName' | 'format' | 'text'> {
  const { format } = parseText(text, sourceOf(file));
  const fileName = file.fileName ?? fileNameFor({ cluster: '', names: [metadata.name], extension: format });
  return { fileName, format, text };
}
