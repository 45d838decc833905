import { showPlace, type Place } from '../../shared/api/place.ts';
import { itemNames, type SealedSecret } from '../../shared/api/sealed-secret.ts';
import { noItemsLeft } from '../../shared/input/no-items-left.ts';
import { nameWarnings } from '../../shared/input/names.ts';
import { sizeWarning, typeWarning } from '../../shared/input/refused-secret.ts';
import type { SealedDocument } from '../../shared/input/sealed-document.ts';
import { targetRemarks } from '../../shared/input/sealed-target.ts';
import { hintOf } from '../../shared/seal/hint.ts';
import { labelFor, scopeOf } from '../../shared/seal/scope.ts';
import { secretWith } from '../../shared/seal/seal-items.ts';
import { joined, visible } from '../../shared/text.ts';
import { errorAt, noteAt, remarkAt, thrownBy, warningAt } from './messages.ts';
import type { UsableCertificate } from './new-plan.ts';
import type { Field, Message } from './types.ts';

/** What is to be changed, and with which certificate. */
export interface Edit {
  /** Undefined if there is none that can be sealed with, and if items are only removed. */
  readonly certificate: UsableCertificate | undefined;
  readonly values: ReadonlyMap<string, Uint8Array>;
  readonly removed: ReadonlySet<string>;
}

const FILE: Field = { name: 'file' };
const ITEMS: Field = { name: 'items' };

/** Returns what a person should know before the items of a SealedSecret are changed. */
export function editMessages(
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
