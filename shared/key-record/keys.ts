import { isName } from '../api/metadata.ts';
import { showPlace, type Place } from '../api/place.ts';
import { Reader } from '../api/reader.ts';
import { formatTime } from '../clock.ts';
import { parseCertificate } from '../crypto/parse-certificate.ts';
import type { Certificate } from '../crypto/certificate.ts';
import type { Fingerprint } from '../crypto/fingerprint.ts';
import { fail } from './errors.ts';
import { fingerprintOf, formatItem, readItem, timeOf } from './items.ts';

/** What a key is used for: the newest one seals, it and the active ones open, the others do nothing. */
export const KEY_STATES = ['newest', 'active', 'retired', 'compromised'] as const;
/** One of {@link KEY_STATES}. */
export type KeyState = (typeof KEY_STATES)[number];

/** A sealing key as the key record shows it. */
export interface RecordedKey {
  /** The name of its Secret. */
  readonly name: string;
  readonly fingerprint: Fingerprint;
  /** When its Secret was created; undefined if unknown. */
  readonly created: Date | undefined;
  readonly state: KeyState;
  /** How many SealedSecrets of the cluster it opened when they were last reconciled; undefined if unknown. */
  readonly objects: number | undefined;
  /** The certificate, with its dates; undefined if it cannot be used to seal. */
  readonly certificate: Certificate | undefined;
}

/** The keys of a record. */
export interface RecordedKeys {
  /** Newest first. */
  readonly keys: readonly RecordedKey[];
  /** How many older keys there are that the record has no room for. */
  readonly omitted: number;
}

/** The most keys that a record lists. */
export const MAX_RECORDED_KEYS = 200;
/** The most bytes of their list. With the other items it stays below the 1 MiB of a ConfigMap. */
export const MAX_KEYS_BYTES = 768 * 1024;
/** The largest certificate that a record has, in bytes of PEM. */
export const MAX_CERTIFICATE_BYTES = 16 * 1024;

/** Formats a list of keys, newest first. Older keys beyond the bounds are counted instead. */
export function formatKeys(keys: readonly RecordedKey[]): string {
  const listed: object[] = [];
  // Room for the braces, the version and the count.
  let bytes = 100;
  for (const key of keys.slice(0, MAX_RECORDED_KEYS)) {
    const entry = formatKey(key);
    bytes += Buffer.byteLength(JSON.stringify(entry)) + 1;
    if (bytes > MAX_KEYS_BYTES) break;
    listed.push(entry);
  }
  const omitted = keys.length - listed.length;
  return formatItem({ keys: listed, ...(omitted === 0 ? {} : { omitted }) });
}

function formatKey({ name, fingerprint, created, state, objects, certificate }: RecordedKey): object {
  const usable = certificate && certificate.pem.length <= MAX_CERTIFICATE_BYTES ? certificate : undefined;
  return {
    name,
    fingerprint,
    created: created && formatTime(created),
    notBefore: usable && formatTime(usable.notBefore),
    notAfter: usable && formatTime(usable.notAfter),
    state,
    objects,
    certificate: usable?.pem,
  };
}

/** Parses a list of keys. Throws `SealedSecretsError` if any part of it is malformed. */
export function parseKeys(text: string, place: Place): RecordedKeys {
  const reader = readItem(text, place, MAX_KEYS_BYTES);
  const entries = reader.list('keys');
  const at = showPlace(place);
  if (entries.length > MAX_RECORDED_KEYS)
    fail({ code: 'TooManyRecorded', at, max: MAX_RECORDED_KEYS, what: 'keys' });
  const keys = entries.map((entry) => parseKey(new Reader(entry.value, entry.place)));
  if (keys.filter(({ state }) => state === 'newest').length > 1) fail({ code: 'TwoNewestKeys', at });
  return { keys, omitted: count(reader, 'omitted') ?? 0 };
}

function parseKey(reader: Reader): RecordedKey {
  const name = reader.requiredString('name');
  if (!isName(name)) bad(reader, 'name', 'the name of a Secret');
  const fingerprint = fingerprintOf(reader.requiredString('fingerprint'), reader.at('fingerprint'));
  const created = reader.string('created');
  const state = reader.requiredString('state');
  return {
    name,
    fingerprint,
    created: created === undefined ? undefined : timeOf(created, reader.at('created')),
    state: KEY_STATES.find((each) => each === state) ?? bad(reader, 'state', KEY_STATES.join(' or ')),
    objects: count(reader, 'objects'),
    certificate: certificateOf(reader, fingerprint),
  };
}

/** Reads the certificate of a key. Its dates are those that it has itself. */
function certificateOf(reader: Reader, fingerprint: Fingerprint): Certificate | undefined {
  const pem = reader.string('certificate');
  if (pem === undefined) return undefined;
  const at = showPlace(reader.at('certificate'));
  if (pem.length > MAX_CERTIFICATE_BYTES) bad(reader, 'certificate', 'a certificate of at most 16 KiB');
  const certificate = parseCertificate(pem, at);
  return certificate.fingerprint === fingerprint ? certificate : fail({ code: 'WrongCertificate', at });
}

function count(reader: Reader, field: string): number | undefined {
  const number = reader.integer(field);
  return number === undefined || number >= 0 ? number : bad(reader, field, 'a count');
}

function bad(reader: Reader, field: string, wanted: string): never {
  return fail({ code: 'BadRecordValue', at: showPlace(reader.at(field)), wanted });
}
