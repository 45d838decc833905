import type { SealedDocument } from '../../shared/input/sealed-document.ts';
import { scopeOf } from '../../shared/seal/scope.ts';
import { refuseV1Data } from '../../shared/seal/v1-data.ts';
import { checkCertificates, noCertificate, type CheckedCertificate } from './certificates.ts';
import { editMessages, type Edit } from './edit-messages.ts';
import { checkItems } from './items.ts';
import { errorAt, sorted, thrownAt } from './messages.ts';
import { sealedDocuments } from './sealed-documents.ts';
import { sourceOf } from './sources.ts';
import type { Choices, Field, Message, Plan, PlannedItem, SealedInput } from './types.ts';

/** A change of a SealedSecret that is ready to be made, unless there is an error. */
export interface PreparedEdit extends Edit {
  /** The SealedSecret to change; undefined if it cannot be read. */
  readonly target: SealedDocument | undefined;
  readonly messages: readonly Message[];
}

const FILE: Field = { name: 'file' };

/** Reads and checks everything that changes items of a SealedSecret. */
export async function prepareEdit(input: SealedInput, choices: Choices, now: Date): Promise<PreparedEdit> {
  const checked = await checkCertificates(choices.certificates, now);
  const { data: values, messages } = checkItems(input.set);
  const removed = new Set(input.remove);
  const found = readTarget(input);
  const [first] = checked;
  const certificate =
    input.set.length > 0 && first?.certificate
      ? { name: first.name, certificate: first.certificate }
      : undefined;
  const edit = { target: found.target, certificate, values, removed };
  return {
    ...edit,
    messages: sorted([
      // Removing items needs no certificate, and no valid one.
      ...(input.set.length > 0 ? certificateMessages(checked) : []),
      ...messages,
      ...found.messages,
      ...(found.target ? editMessages(edit, found.target) : []),
    ]),
  };
}

/** Returns what a prepared change would do. */
export function planOfEdit({ target, certificate, values, removed, messages }: PreparedEdit): Plan {
  if (target === undefined) return { targets: [], messages };
  const { metadata, encryptedData } = target.sealed;
  const there = [...encryptedData.keys()].map((name): PlannedItem => {
    if (removed.has(name)) return { name, action: 'remove', size: undefined };
    const size = values.get(name)?.length;
    return { name, action: size === undefined ? 'keep' : 'replace', size };
  });
  const added = [...values]
    .filter(([name]) => !encryptedData.has(name))
    .map(([name, { length }]): PlannedItem => ({ name, action: 'add', size: length }));
  return {
    targets: [
      {
        certificate: certificate?.name ?? '',
        fingerprint: certificate?.certificate.fingerprint ?? '',
        name: metadata.name,
        namespace: metadata.namespace,
        scope: scopeOf(metadata.annotations),
        items: [...there, ...added],
      },
    ],
    messages,
  };
}

function readTarget({ file, object }: SealedInput): Pick<PreparedEdit, 'target' | 'messages'> {
  try {
    const target = sealedDocuments(file.bytes, sourceOf(file))[object];
    if (target === undefined)
      return { target, messages: [errorAt(FILE, `${sourceOf(file)} does not hold this SealedSecret`)] };
    refuseV1Data(target.sealed, target.document.place);
    return { target, messages: [] };
  } catch (error) {
    return { target: undefined, messages: [thrownAt(FILE, error)] };
  }
}

function certificateMessages(checked: readonly CheckedCertificate[]): readonly Message[] {
  const field: Field = { name: 'certificate', index: 1 };
  return [
    ...noCertificate(checked),
    ...checked.flatMap((each) => each.messages),
    ...(checked.length > 1
      ? [errorAt(field, 'a SealedSecret is for one cluster: choose one certificate to change it')]
      : []),
  ];
}
