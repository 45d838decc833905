import { NO_SERVER } from '../api/metadata.ts';
import type { Place } from '../api/place.ts';
import { showPlace } from '../api/place.ts';
import { isLeftOut, type SealedSecret, type Template } from '../api/sealed-secret.ts';
import { parseSecret, type Secret } from '../api/secret.ts';
import type { Fingerprint } from '../crypto/fingerprint.ts';
import type { Failure, ItemProblem } from '../errors.ts';
import { explain, type Candidate } from './explain.ts';
import { hintOf } from './hint.ts';
import { NONE_MISSING, type MissingItems } from './missing.ts';
import { openItems, type Decrypter, type Opened } from './open-items.ts';
import { labelFor, scopeOf } from './scope.ts';
import { tooLarge } from './secret-size.ts';

/** The result of rendering templates, or what is wrong with each item that failed. */
export type Rendered =
  | {
      readonly values: ReadonlyMap<string, Buffer>;
      readonly impure: ReadonlySet<string>;
      /** What the templates read and no item is there for. */
      readonly missing?: MissingItems;
    }
  | { readonly problems: readonly ItemProblem[] };

/** Renders `spec.template.data` over the decrypted items. */
export interface Renderer {
  render(
    templates: Template['data'],
    items: ReadonlyMap<string, Buffer>,
    signal: AbortSignal,
  ): Promise<Rendered>;
}

/** What a SealedSecret says its Secret shall be. */
export interface Unsealed {
  readonly secret: Secret;
  /** By item, the key that opened it. */
  readonly openedBy: ReadonlyMap<string, Fingerprint>;
  /** The items whose value comes out different each time: a random password, the time. */
  readonly impure: ReadonlySet<string>;
  /** What its templates read and no item is there for. */
  readonly missing: MissingItems;
}

export type UnsealResult =
  { readonly ok: true; readonly unsealed: Unsealed } | { readonly ok: false; readonly failure: Failure };

/**
 * Turns a SealedSecret into its Secret. All items open, or the whole fails with every item's problem, explained as
 * far as is safe. Throws `BadName` where the object's own name can be in no label, and what the signal holds when it is
 * aborted.
 */
export async function unseal(
  sealed: SealedSecret,
  decrypter: Decrypter,
  renderer: Renderer,
  place: Place,
  signal: AbortSignal,
  candidates: readonly Candidate[] = [],
): Promise<UnsealResult> {
  const encrypted = envelopesOf(sealed);
  if (encrypted === undefined) {
    return { ok: false, failure: { code: 'NoEncryptedItems', at: showPlace(place) } };
  }
  const label = labelFor(scopeOf(sealed.metadata.annotations), sealed.metadata, place);
  const hint = hintOf(sealed.metadata.annotations);
  const { items, problems } = await openItems(encrypted, label, hint, decrypter, signal);
  if (problems.length > 0) {
    return failed(await explain(sealed, encrypted, problems, decrypter, candidates, place, signal));
  }
  const openedBy = new Map([...items].map(([item, { by }]) => [item, by]));
  const whole = hasItems(sealed) ? undefined : items.get(WHOLE_SECRET);
  if (whole) return readWhole(sealed, whole, openedBy);

  const values = new Map([...items].map(([item, { value }]) => [item, value]));
  // A template sees all items, and the Secret gets those that are not left out.
  const kept = withoutLeftOut(values, sealed.template.data);
  const oversized = tooLarge(kept);
  if (oversized) return { ok: false, failure: oversized };
  const rendered = await renderItems(sealed.template.data, values, renderer, signal);
  if ('problems' in rendered) return failed(rendered.problems);
  // A decrypted item wins over a template of its name.
  const impure = new Set([...rendered.impure].filter((item) => !values.has(item)));
  const data = new Map([...rendered.values, ...kept]);
  const failure = tooLarge(data);
  if (failure) return { ok: false, failure };
  const { missing = NONE_MISSING } = rendered;
  return { ok: true, unsealed: { secret: secretOf(sealed, data), openedBy, impure, missing } };
}

/** Returns the items that no template of `null` leaves out of the Secret. */
export function withoutLeftOut(
  items: ReadonlyMap<string, Buffer>,
  templates: Template['data'],
): ReadonlyMap<string, Buffer> {
  return new Map([...items].filter(([item]) => !isLeftOut({ data: templates }, item)));
}

/** Stands for the one envelope of the deprecated `spec.data`, which has no items. */
const WHOLE_SECRET = '';

/** The part of a SealedSecret that says what has to be opened. Of template items, only the number counts. */
type SealedItems = Pick<SealedSecret, 'encryptedData' | 'hasEncryptedData' | 'v1Data'> & {
  readonly template: { readonly data: { readonly size: number } };
};

/**
 * Returns what has to be opened, by item: `spec.data` counts where there are no items. An `encryptedData` that is empty
 * makes a Secret without items. Returns undefined where there is nothing at all.
 */
export function envelopesOf(sealed: SealedItems): ReadonlyMap<string, string | null> | undefined {
  if (hasItems(sealed)) return sealed.encryptedData;
  if (sealed.v1Data !== undefined) return new Map([[WHOLE_SECRET, sealed.v1Data]]);
  return sealed.hasEncryptedData ? sealed.encryptedData : undefined;
}

function hasItems({ encryptedData, template }: Pick<SealedItems, 'encryptedData' | 'template'>): boolean {
  return encryptedData.size > 0 || template.data.size > 0;
}

function failed(problems: readonly ItemProblem[]): UnsealResult {
  return { ok: false, failure: { code: 'Unseal', problems } };
}

/** What `spec.data` held: the JSON of a Secret. Whatever is wrong with it is told without its content. */
function readWhole(
  sealed: SealedSecret,
  { value }: Opened,
  openedBy: ReadonlyMap<string, Fingerprint>,
): UnsealResult {
  try {
    const { metadata, ...secret } = parseSecret(JSON.parse(value.toString('utf8')), { source: 'spec.data' });
    const { labels, annotations } = metadata;
    const { name, namespace } = sealed.metadata;
    const failure = tooLarge(secret.data);
    if (failure) return { ok: false, failure };
    const own = { name, namespace, generateName: '', labels, annotations, finalizers: [], server: NO_SERVER };
    const unsealed = { secret: { ...secret, metadata: own }, openedBy, impure: new Set<string>() };
    return { ok: true, unsealed: { ...unsealed, missing: NONE_MISSING } };
  } catch {
    return { ok: false, failure: { code: 'V1DataNotASecret' } };
  }
}

async function renderItems(
  templates: Template['data'],
  items: ReadonlyMap<string, Buffer>,
  renderer: Renderer,
  signal: AbortSignal,
): Promise<Rendered> {
  if (![...templates.values()].some((text) => text !== null)) return { values: new Map(), impure: new Set() };
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
