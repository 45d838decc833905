import { CLUSTER_WIDE, NAMESPACE_WIDE, SEALING_KEY } from '../../shared/api/annotations.ts';
import type { Place } from '../../shared/api/place.ts';
import { isObject } from '../../shared/api/reader.ts';
import { itemNames, parseSealedSecret, type SealedSecret } from '../../shared/api/sealed-secret.ts';
import { SealedSecretsError } from '../../shared/errors.ts';
import { decodeText, parseText } from '../../shared/manifest/read.ts';
import { scopeOf, type Scope } from '../../shared/seal/scope.ts';
import { unparsable } from '../../shared/seal/templates.ts';
import { frameOf, frameSize, type Frame } from './frame.ts';

/** The part of a SealedSecret that is needed to open its items. */
interface SealedItems extends Omit<SealedSecret, 'template'> {
  /** The names of the template's items. */
  readonly template: { readonly data: ReadonlySet<string> };
}

/** A SealedSecret that a client sent, reduced to the parts that the controller needs. */
export interface PostedObject {
  /** Has no labels, and only the annotations of scope and sealing key. */
  readonly sealed: SealedItems;
  /** The scope that the annotations of the template claim. */
  readonly claimedScope: Scope;
  /** The names of the items that the Secret would have. */
  readonly items: readonly string[];
  /** The items whose template does not parse. */
  readonly unparsable: readonly string[];
  /** The whole object, as it was posted. */
  readonly frame: Frame;
  /** The size of the body, in bytes. */
  readonly bodySize: number;
  /** The memory that all this takes, roughly, in bytes. */
  readonly memory: number;
}

/** The most memory that a parsed body may take, in bytes: twice the largest body. */
const MAX_PARSED = 4 * 1024 * 1024;
/** The memory of an item besides its characters, in bytes: a map entry, two strings, and a problem to report. */
const PER_ITEM = 200;

/** The source of the object in error messages. */
export const REQUEST: Place = { source: 'request' };

/**
 * Parses a body that holds exactly one SealedSecret, as JSON or as YAML without anchors and aliases. Returns null for any
 * other body, and `too large` if the parsed object takes more memory than `MAX_PARSED`.
 */
export function parsePostedObject(body: Uint8Array): PostedObject | 'too large' | null {
  try {
    const text = decodeText(body, REQUEST.source);
    const { values } = parseText(text, REQUEST.source, { anchors: false });
    const [value, ...others] = values.filter((each) => each !== null);
    if (!isObject(value) || others.length > 0) return null;
    const posted = toPostedObject(parseSealedSecret(value, REQUEST), value, body.length);
    return posted.memory > MAX_PARSED ? 'too large' : posted;
  } catch (error) {
    if (error instanceof SealedSecretsError) return null;
    throw error;
  }
}

function toPostedObject(object: SealedSecret, value: object, bodySize: number): PostedObject {
  const { template, ...sealed } = object;
  const { annotations } = sealed.metadata;
  const kept = [CLUSTER_WIDE, NAMESPACE_WIDE, SEALING_KEY];
  const metadata = {
    ...sealed.metadata,
    labels: new Map<string, string>(),
    annotations: new Map([...annotations].filter(([name]) => kept.includes(name))),
    finalizers: [],
  };
  const frame = frameOf(value, object);
  const sealedItems: SealedItems = {
    ...sealed,
    metadata,
    template: { data: new Set(template.data.keys()) },
  };
  const items = itemNames(object);
  return {
    sealed: sealedItems,
    claimedScope: scopeOf(template.metadata.annotations),
    items,
    unparsable: unparsable(template.data),
    frame,
    bodySize,
    memory: frameSize(frame) + memoryOf(sealedItems) + memoryOfStrings(items),
  };
}

function memoryOf({ encryptedData, v1Data, metadata, template }: SealedItems): number {
  const templates = [...template.data];
  const { name, namespace, generateName } = metadata;
  const hint = metadata.annotations.get(SEALING_KEY);
  let size = memoryOfStrings([v1Data, name, namespace, generateName, hint]) + memoryOfStrings(templates);
  for (const [item, encrypted] of encryptedData) size += memoryOfStrings([item, encrypted]);
  return size + PER_ITEM * (encryptedData.size + templates.length);
}

/** V8 takes two bytes per character of a string that is not Latin-1. */
function memoryOfStrings(strings: readonly (string | null | undefined)[]): number {
  return strings.reduce<number>((size, string) => {
    const length = string?.length ?? 0;
    return size + (/[\u0100-\uffff]/.test(string ?? '') ? 2 * length : length);
  }, 0);
}
