import type { SealedSecret } from '../../shared/api/sealed-secret.ts';
import type { Place } from '../../shared/api/place.ts';
import { withKeyHint } from '../../shared/input/key-hint.ts';
import { sizeWarnings } from '../../shared/input/sizes.ts';
import { formatDocuments, sealedSecretJson } from '../../shared/manifest/write.ts';
import { seal } from '../../shared/seal/seal.ts';
import type { NewInput } from './drafts.ts';
import { hasError, sorted, warningAt } from './messages.ts';
import { prepare, type Prepared, type UsableCertificate } from './new-plan.ts';
import { fileNameFor } from './file-name.ts';
import type { Choices, Output, Result } from './types.ts';

/** Seals an input into new SealedSecrets, one output for each certificate. */
export async function sealNew(input: NewInput, choices: Choices, now: Date): Promise<Result> {
  const prepared = await prepare(input, choices, now);
  if (hasError(prepared.messages)) return { kind: 'refused', messages: prepared.messages };
  // As kubeseal does by default.
  const isHinted = input.kind !== 'secrets';
  const sealed = await Promise.all(
    prepared.certificates.map(async (each) => ({
      ...each,
      objects: await sealAll(prepared, each, isHinted),
    })),
  );
  const warnings = sealed.flatMap(({ objects }) => sizeWarnings(objects, { data: false }));
  return {
    kind: 'sealed',
    outputs: sealed.map(({ name, certificate, objects }) => ({
      certificate: name,
      fingerprint: certificate.fingerprint,
      ...outputOf(
        objects.map((each) => each.sealed),
        choices,
        sealed.length > 1 ? name : '',
      ),
    })),
    messages: sorted([
      ...prepared.messages,
      ...warnings.map((text) => warningAt({ name: input.kind === 'secrets' ? 'file' : 'items' }, text)),
    ]),
  };
}

interface SealedObject {
  readonly sealed: SealedSecret;
  readonly place: Place;
}

async function sealAll(
  { sealings }: Prepared,
  { certificate }: UsableCertificate,
  isHinted: boolean,
): Promise<readonly SealedObject[]> {
  const objects: SealedObject[] = [];
  for (const { secret, place, scope } of sealings) {
    const sealed = await seal(secret, { certificate, place, scope });
    objects.push({ sealed: isHinted ? withKeyHint(sealed, certificate) : sealed, place });
  }
  return objects;
}

function outputOf(
  objects: readonly SealedSecret[],
  { format }: Choices,
  cluster: string,
): Pick<Output, 'fileName' | 'format' | 'documents' | 'text'> {
  const documents = objects.length;
  const names = objects.map(({ metadata }) => metadata.name);
  if (format !== 'raw')
    return {
      fileName: fileNameFor({ cluster, names, extension: format }),
      format,
      documents,
      text: formatDocuments(objects.map(sealedSecretJson), format),
    };
  const [[item, text] = ['', '']] = objects.flatMap(({ encryptedData }) => [...encryptedData]);
  const fileName = fileNameFor({ cluster, names: [...names, item], extension: 'txt' });
  return { fileName, format, documents, text: text ?? '' };
}
