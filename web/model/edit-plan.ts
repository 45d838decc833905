import { showPlace, type Place } from '../../shared/api/place.ts';
import { itemNames, type SealedSecret } from '../../shared/api/sealed-secret.ts';
import { noItemsLeft } from '../../shared/input/no-items-left.ts';
import { nameWarnings } from '../../shared/input/names.ts';
import { sizeWarning, typeWarning } from '../../shared/input/refused-secret.ts';
import { targetRemarks } from '../../shared/input/sealed-target.ts';
import { hintOf } from '../../shared/seal/hint.ts';
import { labelFor, scopeOf } from '../../shared/seal/scope.ts';
import { secretWith } from '../../shared/seal/seal-items.ts';
import { refuseV1Data } from '../../shared/seal/v1-data.ts';
import { joined, visible } from '../../shared/text.ts';
import { checkCertificates, noCertificate, type CheckedCertificate } from './certificates.ts';
import { checkItems } from './items.ts';
import { errorAt, noteAt, remarkAt, sorted, thrownAt, thrownBy, warningAt } from './messages.ts';
import type { UsableCertificate } from './new-plan.ts';
import { sealedDocuments, type SealedDocument } from './sealed-documents.ts';
import { sourceOf } from './sources.ts';
import type { Choices, Field, Message, Plan, PlannedItem, SealedInput } from './types.ts';

/** A change of a SealedSecret that is ready to be made, unless there is an error. */
export interface PreparedEdit {
  /** The SealedSecret to change; undefined if it cannot be read. */
  readonly target: SealedDocument | undefined;
  /** Undefined if there is none that can be sealed with, and if items are only removed. */
  readonly certificate: UsableCertificate | undefined;
  readonly values: ReadonlyMap<string, Uint8Array>;
  readonly removed: ReadonlySet<string>;
  readonly messages: readonly Message[];
}

const FILE: Field = { name: 'file' };
const ITEMS: Field = { name: 'items' };

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

type Edit = Omit<PreparedEdit, 'target' | 'messages'>;

/** Returns what a person should know before the items of a SealedSecret are changed. */
function editMessages(
  { certificate, values, removed }: Edit,
  { document, sealed }: SealedDocument,
): readonly Message[] {
  const { place } = document;
  const { metadata, template } = sealed;
  const left = itemNames(sealed).filter((item) => !removed.has(item));
  const data = new Map<string, Uint8Array | undefined>(left.map((item) => [item, undefined]));
  for (const [item, value] of values) data.set(item, value);
  const type = typeWarning(template.type, data, place);
  const size = sizeWarning(data, place);
  return [
    ...changeMessages({ values, removed }, { document, sealed }),
    ...thrownBy(FILE, () => void labelFor(scopeOf(metadata.annotations), metadata, place)),
    ...(values.size === 0 ? [] : targetRemarks(secretWith(sealed, values), { document, sealed })).map(
      (remark) => remarkAt(FILE, remark),
    ),
    ...nameWarnings([{ metadata, items: [], place }]).map((text) => warningAt(FILE, text)),
    ...(type === undefined ? [] : [warningAt(FILE, type)]),
    ...(size === undefined ? [] : [warningAt(ITEMS, size)]),
    ...templateMessages(sealed, removed, place),
    ...(data.size === 0 ? [warningAt(ITEMS, noItemsLeft(showPlace(place)))] : []),
    ...(values.size > 0 && certificate
      ? keyNote({ sealed, document }, certificate, { values, removed })
      : []),
  ];
}

/**
 * Warns of templates that hold the name of an item to remove. kubeseal parses templates, and knows more; its parser is
 * too large for the page.
 */
function templateMessages(
  { template }: SealedSecret,
  removed: ReadonlySet<string>,
  place: Place,
): readonly Message[] {
  return [...template.data].flatMap(([name, text]) => {
    const used = [...removed].filter((item) => text !== null && mentions(text, item));
    if (used.length === 0) return [];
    const items = joined(used.map((item) => `"${item}"`));
    const words = `${showPlace(place)}: template item ${visible(name)} seems to use ${items}, to be removed`;
    return [warningAt(ITEMS, words)];
  });
}

/** Whether a template holds a name as it is read: `.name`, or `"name"` as of `index`. */
function mentions(text: string, item: string): boolean {
  const escaped = item.replace(/\W/g, '\\$&');
  return new RegExp(`[."\`]${escaped}(?![\\w-])`).test(text);
}

/** Checks that there is something to change, and that what is to be removed is there. */
function changeMessages(
  { values, removed }: Pick<Edit, 'values' | 'removed'>,
  { document, sealed }: SealedDocument,
): readonly Message[] {
  if (values.size === 0 && removed.size === 0) return [errorAt(ITEMS, 'there is nothing to change')];
  const at = showPlace(document.place);
  return [...removed].flatMap((item) => {
    if (!sealed.encryptedData.has(item)) return [errorAt(ITEMS, `${at} has no item "${visible(item)}"`)];
    return values.has(item)
      ? [errorAt(ITEMS, `the item "${visible(item)}" is to be removed and to be replaced`)]
      : [];
  });
}

/** Notes that the items that stay were sealed with another key, if the file names it. */
function keyNote(
  { document, sealed }: SealedDocument,
  { certificate }: UsableCertificate,
  { values, removed }: Pick<Edit, 'values' | 'removed'>,
): readonly Message[] {
  const stay = [...sealed.encryptedData.keys()].some((item) => !values.has(item) && !removed.has(item));
  const hint = hintOf(sealed.metadata.annotations);
  if (!stay || hint.length === 0 || hint.includes(certificate.fingerprint)) return [];
  const text =
    `${showPlace(document.place)}: its other items were sealed with ${joined(hint)}, the new ones will be with ` +
    certificate.fingerprint;
  return [noteAt({ name: 'certificate' }, text)];
}
