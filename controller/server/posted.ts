import { CLUSTER_WIDE, NAMESPACE_WIDE, SEALING_KEY } from '../../shared/api/annotations.ts';
import type { Place } from '../../shared/api/place.ts';
import { isObject } from '../../shared/api/reader.ts';
import { itemNames, parseSealedSecret, type SealedSecret } from '../../shared/api/sealed-secret.ts';
import { SealedSecretsError } from '../../shared/errors.ts';
import { decodeText, parseText } from '../../shared/manifest/read.ts';
import { scopeOf, type Scope } from '../../shared/seal/scope.ts';
import { unparsable } from '../../shared/seal/templates.ts';
import { frameOf, frameSize, type Frame } from './frame.ts';

/** The part of a SealedSecret that it takes to open its items. */
interface SealedItems extends Omit<SealedSecret, 'template'> {
  /** The names of the template's items. */
  readonly template: { readonly data: ReadonlySet<string> };
}

/** A SealedSecret that a client sent: what the controller needs of it, and no more. */
export interface Posted {
  /** The annotations are those of scope and sealing key; there are no labels. */
  readonly sealed: SealedItems;
  /** The scope that the template's own annotations claim. */
  readonly claimedScope: Scope;
  /** The names of the items that the Secret would get. */
  readonly items: readonly string[];
  /** The items whose template does not parse. */
  readonly unparsable: readonly string[];
  /** The whole of it, as it came. */
  readonly frame: Frame;
  /** How many bytes the body had. */
  readonly bodySize: number;
  /** How many bytes of memory all this takes, roughly. */
  readonly memory: number;
}

/** The largest parsed body, in bytes of memory: twice the largest body. */
const MAX_PARSED = 4 * 1024 * 1024;
/** What an item takes beside its characters, in bytes: an entry of a map, two strings, a problem to report. */
const PER_ITEM = 200;

/** Where errors say that the object came from. */
export const REQUEST: Place = { source: 'request' };

/**
 * Reads a body: exactly one SealedSecret, JSON or YAML without anchors and aliases. Returns null where it is none, and
 * `too large` where it takes more than its bound once it is parsed.
 */
export function parsePosted(body: Uint8Array): Posted | 'too large' | null {
  try {
    const text = decodeText(body, REQUEST.source);
    const { values } = parseText(text, REQUEST.source, { anchors: false });
    const [value, ...others] = values.filter((each) => each !== null);
    if (!isObject(value) || others.length > 0) return null;
    const posted = reduced(parseSealedSecret(value, REQUEST), value, body.length);
    return posted.memory > MAX_PARSED ? 'too large' : posted;
  } catch (error) {
    if (error instanceof SealedSecretsError) return null;
    throw error;
  }
}

function reduced(whole: SealedSecret, value: object, bodySize: number): Posted {
  const { template, ...sealed } = whole;
  const { annotations } = sealed.metadata;
  const known = [CLUSTER_WIDE, NAMESPACE_WIDE, SEALING_KEY];
  const metadata = {
    ...sealed.metadata,
    labels: new Map<string, string>(),
    annotations: new Map([...annotations].filter(([name]) => known.includes(name))),
    finalizers: [],
  };
  const frame = frameOf(value, whole);
  const reducedItems: SealedItems = {
    ...sealed,
    metadata,
    template: { data: new Set(template.data.keys()) },
  };
  const items = itemNames(whole);
  return {
    sealed: reducedItems,
    claimedScope: scopeOf(template.metadata.annotations),
    items,
    unparsable: unparsable(template.data),
    frame,
    bodySize,
    memory: frameSize(frame) + memoryOf(reducedItems) + memoryOfTexts(items),
  };
}

function memoryOf({ encryptedData, v1Data, metadata, template }: SealedItems): number {
  const templates = [...template.data];
  const { name, namespace, generateName } = metadata;
  const hint = metadata.annotations.get(SEALING_KEY);
  let size = memoryOfTexts([v1Data, name, namespace, generateName, hint]) + memoryOfTexts(templates);
  for (const [item, encrypted] of encryptedData) size += memoryOfTexts([item, encrypted]);
  return size + PER_ITEM * (encryptedData.size + templates.length);
}

/** V8 takes two bytes for each character of a text that is not Latin-1. */
function memoryOfTexts(texts: readonly (string | null | undefined)[]): number {
  return texts.reduce<number>((size, text) => {
    const length = text?.length ?? 0;
    return size + (/[\u0100-\uffff]/.test(text ?? '') ? 2 * length : length);
  }, 0);
}
