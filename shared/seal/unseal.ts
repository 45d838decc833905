import { newMetadata } from '../api/metadata.ts';
import type { Place } from '../api/place.ts';
import { showPlace } from '../api/place.ts';
import { isLeftOut, type SealedSecret, type Template } from '../api/sealed-secret.ts';
import { parseSecret, type Secret } from '../api/secret.ts';
import type { Fingerprint } from '../crypto/fingerprint.ts';
import { sealFailure, type SealFailure } from './errors.ts';
import type { ItemProblem } from './item-problem.ts';
import { explain, type Candidate } from './explain.ts';
import { hintOf } from './hint.ts';
import { NONE_MISSING, type MissingItems } from './missing.ts';
import { openItems, type Decrypter, type Opened } from './open-items.ts';
import { labelFor, scopeOf } from './scope.ts';
import { tooLarge } from './secret-size.ts';

/** The rendered templates by item, or the problems of items. */
export type Rendered =
  | {
      readonly values: ReadonlyMap<string, Uint8Array>;
      /** The items whose value may differ each time, such as a random password or the time. */
      readonly impure: ReadonlySet<string>;
      /** References to items that do not exist. */
      readonly missing?: MissingItems;
    }
  | { readonly problems: readonly ItemProblem[] };

/** Renders `spec.template.data` with the decrypted items. */
export interface Renderer {
  render(
    templates: Template['data'],
    items: ReadonlyMap<string, Uint8Array>,
    signal: AbortSignal,
  ): Promise<Rendered>;
}

/** The Secret of a SealedSecret, and how it was obtained. */
export interface Unsealed {
  readonly secret: Secret;
  /** The key that opened each item. */
  readonly openedBy: ReadonlyMap<string, Fingerprint>;
  /** The items whose value may differ each time, such as a random password or the time. */
  readonly impure: ReadonlySet<string>;
  /** References of the templates to items that do not exist. */
  readonly missing: MissingItems;
}

/** The Secret, or why the SealedSecret cannot be unsealed. */
export type UnsealResult =
  { readonly ok: true; readonly unsealed: Unsealed } | { readonly ok: false; readonly failure: SealFailure };

/** How to unseal a SealedSecret. */
export interface UnsealOptions {
  readonly decrypter: Decrypter;
  readonly renderer: Renderer;
  /** The source of the SealedSecret, for errors. */
  readonly place: Place;
  readonly signal: AbortSignal;
  /** The keys to try first, after those that the object's annotation names. */
  readonly likelyKeys?: readonly Fingerprint[];
  /** Names and namespaces that items may have been sealed for, to explain failures to an owner of the private keys. */
  readonly candidates?: readonly Candidate[];
}

/**
 * Turns a SealedSecret into its Secret. If any item does not open, fails with the problems of all items, explained as
 * far as that is safe. Throws `BadName` if the object's own name cannot be part of a label, and the signal's reason
 * when it aborts.
 *
 * @example
 * import { parseSealedSecret } from '../api/sealed-secret.ts';
 * import { parsePrivateKey } from '../crypto/private-key.ts';
 * import { Keyring } from './keyring.ts';
 * import { inProcessRenderer } from './templates.ts';
 *
 * const place = { source: 'sealed.json' };
 * const sealed = parseSealedSecret(JSON.parse(text), place);
 * const decrypter = new Keyring([await parsePrivateKey(pem, 'key.pem')]);
 * const renderer = inProcessRenderer('full');
 * const result = await unseal(sealed, { decrypter, renderer, place, signal });
 * if (result.ok) console.log([...result.unsealed.secret.data.keys()]);
 */
export async function unseal(
  sealed: SealedSecret,
  { decrypter, renderer, place, signal, likelyKeys = [], candidates = [] }: UnsealOptions,
): Promise<UnsealResult> {
  const encrypted = envelopesOf(sealed);
  if (encrypted === undefined) {
    return { ok: false, failure: sealFailure({ code: 'NoEncryptedItems', at: showPlace(place) }) };
  }
  const label = labelFor(scopeOf(sealed.metadata.annotations), sealed.metadata, place);
  const hint = [...hintOf(sealed.metadata.annotations), ...likelyKeys];
  const { items, problems } = await openItems(encrypted, { label, hint, decrypter, signal });
  if (problems.length > 0) {
    return failed(await explain(problems, { sealed, encrypted, decrypter, candidates, place, signal }));
  }
  const openedBy = new Map([...items].map(([item, { by }]) => [item, by]));
  const whole = hasItems(sealed) ? undefined : items.get(WHOLE_SECRET);
  if (whole) return readWhole(sealed, whole, openedBy);

  const values = new Map([...items].map(([item, { value }]) => [item, value]));
  // A template sees all items, including those that the Secret leaves out.
  const kept = withoutLeftOut(values, sealed.template.data);
  const oversized = tooLarge(kept);
  if (oversized) return { ok: false, failure: oversized };
  const templates = sealed.template.data;
  const rendered = hasText(templates) ? await renderer.render(templates, values, signal) : NOTHING_RENDERED;
  if ('problems' in rendered) return failed(rendered.problems);
  // A decrypted item takes precedence over a template of the same name.
  const impure = new Set([...rendered.impure].filter((item) => !values.has(item)));
  const data = new Map([...rendered.values, ...kept]);
  const failure = tooLarge(data);
  if (failure) return { ok: false, failure };
  const { missing = NONE_MISSING } = rendered;
  return { ok: true, unsealed: { secret: secretOf(sealed, data), openedBy, impure, missing } };
}

/** Returns the items without those that a `null` template leaves out of the Secret. */
export function withoutLeftOut(
  items: ReadonlyMap<string, Uint8Array>,
  templates: Template['data'],
): ReadonlyMap<string, Uint8Array> {
  return new Map([...items].filter(([item]) => !isLeftOut({ data: templates }, item)));
}

/** The item name for the one envelope of the deprecated `spec.data`, which has no items. */
const WHOLE_SECRET = '';

/** The part of a SealedSecret that determines which envelopes to open. Only the number of templates counts. */
type SealedItems = Pick<SealedSecret, 'encryptedData' | 'hasEncryptedData' | 'v1Data'> & {
  readonly template: { readonly data: { readonly size: number } };
};

/**
 * Returns the envelopes to open, in base64, by item. The deprecated `spec.data` counts only if there are no items. An
 * empty `encryptedData` makes a Secret without items. Returns undefined if there is neither.
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
  return { ok: false, failure: sealFailure({ code: 'Unseal', problems }) };
}

/** Parses the decrypted `spec.data`, the JSON of a Secret. Errors never quote it. */
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
    const own = newMetadata({ name, namespace, labels, annotations });
    const unsealed = { secret: { ...secret, metadata: own }, openedBy, impure: new Set<string>() };
    return { ok: true, unsealed: { ...unsealed, missing: NONE_MISSING } };
  } catch {
    return { ok: false, failure: sealFailure({ code: 'V1DataNotASecret' }) };
  }
}

const NOTHING_RENDERED: Rendered = { values: new Map(), impure: new Set() };

function hasText(templates: Template['data']): boolean {
  return [...templates.values()].some((text) => text !== null);
}

/** Returns the Secret, with the SealedSecret's own name and namespace. Only three fields of template metadata count. */
function secretOf(sealed: SealedSecret, data: ReadonlyMap<string, Uint8Array>): Secret {
  const { name, namespace } = sealed.metadata;
  const { labels, annotations, finalizers } = sealed.template.metadata;
  return {
    metadata: newMetadata({ name, namespace, labels, annotations, finalizers }),
    type: sealed.template.type,
    immutable: sealed.template.immutable,
    data,
  };
}
