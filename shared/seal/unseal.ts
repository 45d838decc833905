import { decodeBase64 } from '../api/base64.ts';
import { NO_SERVER } from '../api/metadata.ts';
import type { Place } from '../api/place.ts';
import { showPlace } from '../api/place.ts';
import type { SealedSecret } from '../api/sealed-secret.ts';
import type { Secret } from '../api/secret.ts';
import { parseEnvelope, type Envelope, type Label } from '../crypto/envelope.ts';
import type { Fingerprint } from '../crypto/fingerprint.ts';
import type { Failure, ItemProblem } from '../errors.ts';
import { labelFor, scopeOf } from './scope.ts';

/** A value, and the key that opened it. */
export interface Opened {
  readonly value: Buffer;
  readonly by: Fingerprint;
}

/** Opens envelopes; who holds the keys, and on which thread they work, is its own business. */
export interface Decrypter {
  /**
   * Opens an envelope under a label, trying the keys named in `first` before others. Null: no key here opens it,
   * for whatever reason.
   */
  open(
    envelope: Envelope,
    label: Label,
    first: readonly Fingerprint[],
    signal: AbortSignal,
  ): Promise<Opened | null>;
}

/** The result of rendering templates, or what is wrong with each item that failed. */
export type Rendered =
  | { readonly values: ReadonlyMap<string, string>; readonly impure: ReadonlySet<string> }
  | { readonly problems: readonly ItemProblem[] };

/** Renders `spec.template.data` over the decrypted items. */
export interface Renderer {
  render(
    templates: ReadonlyMap<string, string>,
    items: ReadonlyMap<string, Buffer>,
    signal: AbortSignal,
  ): Promise<Rendered>;
}

/** What a SealedSecret says its Secret shall be. */
export interface Unsealed {
  readonly secret: Secret;
  /** By item, the key that opened it. */
  readonly openedBy: ReadonlyMap<string, Fingerprint>;
}

export type UnsealResult =
  { readonly ok: true; readonly unsealed: Unsealed } | { readonly ok: false; readonly failure: Failure };

/**
 * Turns a SealedSecret into its Secret. All items open, or the whole fails with every item's problem. Throws
 * `BadName` where the object's own name is none, and what the signal holds when it is aborted.
 */
export async function unseal(
  sealed: SealedSecret,
  decrypter: Decrypter,
  renderer: Renderer,
  place: Place,
  signal: AbortSignal,
): Promise<UnsealResult> {
  if (sealed.encryptedData.size === 0) {
    if (sealed.hasV1Data) return { ok: false, failure: { code: 'DeprecatedV1Data' } };
    if (sealed.template.data.size === 0) {
      return { ok: false, failure: { code: 'NoEncryptedItems', at: showPlace(place) } };
    }
  }
  const label = labelFor(scopeOf(sealed.metadata.annotations), sealed.metadata, place);
  const problems: ItemProblem[] = [];
  const items = new Map<string, Buffer>();
  const openedBy = new Map<string, Fingerprint>();
  for (const [item, value] of sealed.encryptedData) {
    signal.throwIfAborted();
    const opened = await openItem(item, value, (envelope) =>
      decrypter.open(envelope, label, [...new Set(openedBy.values())], signal),
    );
    if ('code' in opened) {
      problems.push(opened);
      continue;
    }
    items.set(item, opened.value);
    openedBy.set(item, opened.by);
  }
  if (problems.length > 0) return { ok: false, failure: { code: 'Unseal', problems } };

  const rendered = await renderItems(sealed.template.data, items, renderer, signal);
  if ('problems' in rendered) return { ok: false, failure: { code: 'Unseal', problems: rendered.problems } };
  const data = new Map<string, Buffer>();
  for (const [item, text] of rendered.values) data.set(item, Buffer.from(text, 'utf8'));
  for (const [item, value] of items) data.set(item, value);
  return { ok: true, unsealed: { secret: secretOf(sealed, data), openedBy } };
}

async function openItem(
  item: string,
  value: string | null,
  open: (envelope: Envelope) => Promise<Opened | null>,
): Promise<Opened | ItemProblem> {
  if (value === null) return { code: 'NotAString', item };
  const decoded = decodeBase64(value);
  if (!decoded.ok) return { code: 'IllegalBase64', item, offset: decoded.offset };
  const envelope = parseEnvelope(decoded.bytes);
  if (envelope === null) return { code: 'NoEnvelope', item };
  return (await open(envelope)) ?? { code: 'NoKey', item };
}

async function renderItems(
  templates: ReadonlyMap<string, string>,
  items: ReadonlyMap<string, Buffer>,
  renderer: Renderer,
  signal: AbortSignal,
): Promise<Rendered> {
  if (templates.size === 0) return { values: new Map(), impure: new Set() };
  return renderer.render(templates, items, signal);
}

/** Name and namespace are always the SealedSecret's own; of the template's metadata three fields count, no more. */
function secretOf(sealed: SealedSecret, data: ReadonlyMap<string, Buffer>): Secret {
  const { name, namespace } = sealed.metadata;
  const { labels, annotations, finalizers } = sealed.template.metadata;
  return {
    metadata: { name, namespace, generateName: '', labels, annotations, finalizers, server: NO_SERVER },
    type: sealed.template.type,
    immutable: sealed.template.immutable,
    data,
  };
}

/** Stands in until there is a template engine: an object that has templates fails, and says so. */
export const noTemplates: Renderer = {
  render(templates) {
    const problems = [...templates.keys()].map((item): ItemProblem => ({
      code: 'TemplatesUnsupported',
      item,
    }));
    return Promise.resolve({ problems });
  },
};
