import { decodeBase64 } from '../../shared/api/base64.ts';
import { isItemName } from '../../shared/api/item-name.ts';
import { isObject } from '../../shared/api/reader.ts';
import { utf8Text } from '../../shared/bytes.ts';
import { MAX_DEPTH } from '../../shared/api/depth.ts';
import { isPlaceholder } from './placeholders.ts';

/** The keys and indices that lead to a value. */
export type Path = readonly (string | number)[];

/** A Secret with values, anywhere in an object. */
export interface PlainSecret {
  /** The way to it; empty if the object is the Secret itself. */
  readonly at: Path;
  /** The way from the Secret to each value in plain text. */
  readonly plain: readonly Path[];
  /** The way from the Secret to each value that a tool fills in. */
  readonly placeholders: readonly Path[];
}

/** What another program has encrypted: Ansible Vault, age, PGP. */
const ENCRYPTED =
  /^\s*(?:\$ANSIBLE_VAULT;|-----BEGIN AGE ENCRYPTED FILE-----|-----BEGIN PGP MESSAGE-----|ENC\[AES256_GCM,[^[\]]*\]\s*$)/;

/** Certificates are public. */
const PUBLIC = /^\s*(?:-----BEGIN CERTIFICATE-----[A-Za-z0-9+/=\s]*-----END CERTIFICATE-----\s*)+$/;

/**
 * Returns the Secrets with values in an object: the object itself, and those inside of it, as in a `SecretList`, in a
 * Template of OpenShift, or in the values of a chart. Looks at each map once, however often an alias repeats it.
 */
export function plainSecretsIn(value: unknown): readonly PlainSecret[] {
  const found: PlainSecret[] = [];
  for (const { object, at, kind } of mapsIn(value)) {
    if (!isSecret(object, kind)) continue;
    const secret = readSecret(object, { at });
    if (secret.plain.length + secret.placeholders.length > 0) found.push(secret);
  }
  return found;
}

/** Returns the values that a SealedSecret holds in the fields of a Secret, which it does not have. */
export function plainValuesIn(sealed: object): readonly PlainSecret[] {
  const templates = fieldsNamed(sealed, 'spec').flatMap(({ key, value: spec }) =>
    isObject(spec)
      ? fieldsNamed(spec, 'template').map(({ key: inner, value }) => ({ value, at: [key, inner] }))
      : [],
  );
  const found = templates.flatMap(({ value, at }) =>
    isObject(value) ? [readSecret(value, { at, fields: ['stringData'] })] : [],
  );
  return [readSecret(sealed, { at: [] }), ...found].filter(({ plain }) => plain.length > 0);
}

/** A map in an object, and the way to it. */
export interface InnerMap {
  readonly object: object;
  readonly at: Path;
  /** The kind that the list around it implies; undefined elsewhere. */
  readonly kind: string | undefined;
}

/** Returns the maps in a value, the value included, in the order of the text. None occurs twice. */
export function mapsIn(value: unknown): readonly InnerMap[] {
  const found: InnerMap[] = [];
  const seen = new Set<object>();
  visit(value, { at: [], kind: undefined });
  return found;

  function visit(inner: unknown, { at, kind }: Omit<InnerMap, 'object'>): void {
    if (typeof inner !== 'object' || inner === null || seen.has(inner) || at.length > MAX_DEPTH) return;
    seen.add(inner);
    if (Array.isArray(inner)) {
      inner.forEach((item: unknown, index) => visit(item, { at: [...at, index], kind }));
      return;
    }
    found.push({ object: inner, at, kind });
    const isList = fieldsNamed(inner, 'kind').some(({ value: own }) => own === 'SecretList');
    for (const [key, field] of Object.entries(inner))
      visit(field, { at: [...at, key], kind: isList && key === 'items' ? 'Secret' : undefined });
  }
}

/** Returns the fields of a name in any letter case, as Go's decoder reads them. */
export function fieldsNamed(
  object: object,
  name: string,
): { readonly key: string; readonly value: unknown }[] {
  return Object.entries(object)
    .filter(([key]) => key.length === name.length && key.toLowerCase() === name.toLowerCase())
    .map(([key, value]: [string, unknown]) => ({ key, value }));
}

/** Other groups have a kind Secret as well, and versions in templates are unknown. */
function isSecret(object: object, implied: string | undefined): boolean {
  const kinds = fieldsNamed(object, 'kind');
  const versions = fieldsNamed(object, 'apiVersion');
  const hasKind = kinds.length === 0 ? implied === 'Secret' : kinds.some(({ value }) => value === 'Secret');
  return (
    hasKind &&
    versions.every(({ value }) => typeof value !== 'string' || value === 'v1' || isPlaceholder(value))
  );
}

function readSecret(
  secret: object,
  { at, fields = ['data', 'stringData'] }: { readonly at: Path; readonly fields?: readonly string[] },
): PlainSecret {
  const plain: Path[] = [];
  const placeholders: Path[] = [];
  for (const name of fields) {
    for (const { key, value } of fieldsNamed(secret, name)) {
      if (!isObject(value)) {
        if (hasText(value)) (isPlaceholder(value) ? placeholders : plain).push([key]);
        continue;
      }
      for (const [item, content] of Object.entries(value) as [string, unknown][]) {
        const found = lookAt(content, item, name === 'data');
        if (found === 'plain') plain.push([key, item]);
        if (found === 'placeholder') placeholders.push([key, item]);
      }
    }
  }
  return { at, plain, placeholders };
}

function hasText(value: unknown): value is string {
  return typeof value === 'string' && value.trim() !== '';
}

/** What is in an item. */
type Content = 'plain' | 'placeholder' | 'nothing';

function lookAt(content: unknown, item: string, isBase64: boolean): Content {
  // `{password:hunter2}`, without a space, is a key without a value.
  if (content === null || content === undefined)
    return isItemName(item) || isMasked(item) ? 'nothing' : 'plain';
  // A number or a list is no value of a Secret, and is readable all the same.
  if (typeof content !== 'string') return 'plain';
  const text = isBase64 ? decoded(content) : content;
  if (!hasText(text) || ENCRYPTED.test(text) || PUBLIC.test(text)) return 'nothing';
  return isPlaceholder(text) ? 'placeholder' : 'plain';
}

function isMasked(item: string): boolean {
  return isPlaceholder(item);
}

/** Whether another program has encrypted a text: also a file in which SOPS has encrypted the values alone. */
export function isEncrypted(text: string): boolean {
  return ENCRYPTED.test(text) || text.includes('ENC[AES256_GCM,');
}

/** Whether a text is a value in plain text, and not empty, public or filled in later. */
export function isPlainText(text: string): boolean {
  return lookAt(text, '', false) === 'plain';
}

/** Decodes base64. Returns other text as it is: placeholders, what SOPS encrypted, and mistakes. */
function decoded(text: string): string {
  const result = decodeBase64(text.trim());
  return result.ok ? utf8Text(result.bytes) : text;
}
