import { checkLabelPart, isName, isNamespace } from '../../shared/api/metadata.ts';
import { inside, showPlace } from '../../shared/api/place.ts';
import { clusterWideNote } from '../../shared/input/cluster-wide.ts';
import { nameWarnings } from '../../shared/input/names.ts';
import { sizeWarning, typeWarning } from '../../shared/input/refused-secret.ts';
import { sealFailure } from '../../shared/seal/errors.ts';
import { scopeOf } from '../../shared/seal/scope.ts';
import { visible, withRest } from '../../shared/text.ts';
import type { Draft, DraftFields, Drafts } from './draft.ts';
import { errorAt, failureAt, noteAt, thrownBy, warningAt } from './messages.ts';
import type { Choices, Field, Message, Scope } from './types.ts';

/** A Secret with its namespace, and the scope to seal it at. */
export interface Sealing extends Draft {
  readonly scope: Scope;
}

/** What to seal with each certificate, and what is wrong with it. */
export interface Sealings {
  readonly sealings: readonly Sealing[];
  readonly messages: readonly Message[];
}

/** Puts each Secret into each chosen namespace, or leaves it in its own if none is chosen. */
export function sealingsOf({ drafts, messages, fields }: Drafts, choices: Choices): Sealings {
  const placed = drafts.map((draft) => placedDraft(draft, fields, choices));
  return {
    sealings: placed.flatMap(({ sealings }) => sealings),
    messages: [
      ...messages,
      ...nameMessages(drafts, fields),
      ...drafts.flatMap((draft) => contentMessages(draft, fields, messages)),
      ...namespaceMessages(choices.namespaces),
      ...placed.flatMap((each) => each.messages),
      ...scopeNote(placed.flatMap(({ sealings }) => sealings)),
    ],
  };
}

function placedDraft({ secret, place }: Draft, { typed }: DraftFields, choices: Choices): Sealings {
  const { metadata } = secret;
  const scope = choices.scope ?? scopeOf(metadata.annotations);
  const chosen = [...new Set(choices.namespaces)];
  const namespaces = chosen.length > 0 ? chosen : [metadata.namespace];
  const messages: Message[] = [];
  for (const namespace of namespaces) {
    if (namespace !== '' || scope === 'cluster-wide') continue;
    const field: Field = { name: 'namespace', index: Math.max(choices.namespaces.indexOf(''), 0) };
    messages.push(
      typed
        ? errorAt(field, `no namespace is given, and the scope ${scope} requires one`)
        : failureAt(field, sealFailure({ code: 'NoNamespace', at: showPlace(place), scope })),
    );
  }
  return {
    sealings: namespaces.map((namespace) => {
      return { secret: { ...secret, metadata: { ...metadata, namespace } }, place, scope };
    }),
    messages: [...messages, ...replacedNamespace({ secret, place }, chosen)],
  };
}

/** Checks the namespaces that a pasted Secret has itself, or notes that others are chosen. */
function replacedNamespace({ secret, place }: Draft, chosen: readonly string[]): readonly Message[] {
  const { namespace } = secret.metadata;
  if (namespace === '') return [];
  const at = inside(inside(place, 'metadata'), 'namespace');
  if (chosen.length === 0) {
    const file: Field = { name: 'file' };
    const refused = thrownBy(file, () => checkLabelPart(namespace, at));
    const warnings = nameWarnings([{ metadata: { name: '', namespace }, items: [], place }]);
    return refused.length > 0 ? refused : warnings.map((text) => warningAt(file, text));
  }
  if (chosen.includes(namespace)) return [];
  const text = `${showPlace(at)} has "${visible(namespace)}", which the chosen namespaces replace`;
  return [warningAt({ name: 'namespace' }, text)];
}

/** Checks the chosen namespaces. A person types them here, so that an invalid one is never a placeholder. */
function namespaceMessages(namespaces: readonly string[]): readonly Message[] {
  return namespaces.flatMap((namespace, index) => {
    if (namespace === '' || isNamespace(namespace)) return [];
    const text =
      `no namespace can have the name "${visible(namespace)}": only lower-case letters, digits and "-" are allowed, ` +
      'at most 63, with a letter or digit at both ends';
    return [errorAt({ name: 'namespace', index }, text)];
  });
}

function nameMessages(drafts: readonly Draft[], { name: field, typed }: DraftFields): readonly Message[] {
  return drafts.flatMap(({ secret, place }) => {
    const { name } = secret.metadata;
    if (typed) return typedNameMessages(name, field);
    if (name === '') return [failureAt(field, sealFailure({ code: 'NoName', at: showPlace(place) }))];
    return thrownBy(field, () => checkLabelPart(name, inside(inside(place, 'metadata'), 'name')));
  });
}

/** Checks a name that a person types here, where it is never a placeholder. */
function typedNameMessages(name: string, field: Field): readonly Message[] {
  if (name === '') return [errorAt(field, 'the name of the Secret is missing')];
  if (isName(name)) return [];
  const text =
    `no Secret can have the name "${visible(name)}": only lower-case letters, digits, "-" and "." are allowed, ` +
    'at most 253, with a letter or digit at both ends of each part';
  return [errorAt(field, text)];
}

/** Returns what is wrong with the items and the type of a Secret. */
function contentMessages(
  { secret, place }: Draft,
  { items, type, typed }: DraftFields,
  others: readonly Message[],
): readonly Message[] {
  const { data } = secret;
  if (data.size === 0 && typed) {
    // Those that there are have no proper name, and their messages say so.
    const isSaid = others.some(({ field }) => field.name === 'item-name');
    return isSaid ? [] : [errorAt(items, 'there is no item to seal')];
  }
  if (data.size === 0) return [failureAt(items, sealFailure({ code: 'NoItems', at: showPlace(place) }))];
  const warnings = [
    { field: type, text: typeWarning(secret.type, data, place) },
    { field: items, text: sizeWarning(data, place) },
  ];
  return warnings.flatMap(({ field, text }) => (text === undefined ? [] : [warningAt(field, text)]));
}

function scopeNote(sealings: readonly Sealing[]): readonly Message[] {
  const wide = new Set(
    sealings.filter(({ scope }) => scope === 'cluster-wide').map(({ place }) => showPlace(place)),
  );
  const [first] = wide;
  if (first === undefined) return [];
  return [noteAt({ name: 'scope' }, clusterWideNote(withRest(first, wide.size - 1)))];
}
