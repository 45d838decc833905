import { base64Text, utf8Bytes } from '../bytes.ts';
import { labelText, SCOPES, type LabeledObject, type Scope } from './scope.ts';

/** The scope, name and namespace that an item was sealed for, as a sealing record writes them. */
export interface RecordedPlace {
  readonly scope: Scope;
  /** `NAMESPACE/NAME`, `NAMESPACE` or empty, as the scope needs it; a long or odd one as `sha256:` and a digest. */
  readonly label: string;
}

/** The longest place that is written as it is, in characters. It fits every namespace that Kubernetes accepts. */
const MAX_PLACE = 80;
/** What needs no escapes in JSON, and has no colon, which marks a digest. */
const PLAIN = /^[A-Za-z0-9._/-]*$/;
const DIGEST = 'sha256:';
/** The length of a short digest, in bytes. */
const DIGEST_BYTES = 8;

/** Returns how a record writes the place of an object. */
export async function recordedPlace(scope: Scope, object: LabeledObject): Promise<RecordedPlace> {
  const label = labelText(scope, object);
  const isShort = PLAIN.test(label) && formatPlace({ scope, label }).length <= MAX_PLACE;
  return { scope, label: isShort ? label : `${DIGEST}${await shortDigest(utf8Bytes(label))}` };
}

/** Formats a place, such as `strict shop/db`, `namespace-wide shop` or `cluster-wide`. */
export function formatPlace({ scope, label }: RecordedPlace): string {
  return label === '' ? scope : `${scope} ${label}`;
}

/** Parses what `formatPlace` returns. Undefined for anything else. */
export function parsePlace(text: string): RecordedPlace | undefined {
  if (text.length > MAX_PLACE) return undefined;
  const [word = '', label = '', ...more] = text.split(' ');
  const scope = SCOPES.find((each) => each === word);
  if (scope === undefined || more.length > 0 || formatPlace({ scope, label }) !== text) return undefined;
  if (label.startsWith(DIGEST))
    return scope !== 'cluster-wide' && isShortDigest(label.slice(DIGEST.length))
      ? { scope, label }
      : undefined;
  const parts = label === '' ? 0 : label.split('/').length;
  const expected = { strict: 2, 'namespace-wide': 1, 'cluster-wide': 0 }[scope];
  return parts === expected && PLAIN.test(label) ? { scope, label } : undefined;
}

/** Returns the name and the namespace of a place, as far as the record has them. Undefined for a digest. */
export function namesOfPlace({ scope, label }: RecordedPlace): Partial<LabeledObject> | undefined {
  if (label.startsWith(DIGEST)) return undefined;
  if (scope === 'cluster-wide') return {};
  const [namespace = '', name = ''] = label.split('/');
  return scope === 'namespace-wide' ? { namespace } : { name, namespace };
}

/** Returns the first 8 bytes of the SHA-256 hash, in base64url. That is enough to recognize, and proves nothing. */
export async function shortDigest(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  return shortHash(new Uint8Array(await globalThis.crypto.subtle.digest('SHA-256', bytes)));
}

/** Shortens a SHA-256 hash as `shortDigest` does. */
export function shortHash(hash: Uint8Array): string {
  return base64Text(hash.subarray(0, DIGEST_BYTES))
    .replace('=', '')
    .replaceAll('+', '-')
    .replaceAll('/', '_');
}

/** Whether a value has the form of a short digest. */
export function isShortDigest(text: unknown): text is string {
  return typeof text === 'string' && /^[A-Za-z0-9_-]{11}$/.test(text);
}
