import { showPlace, type Place } from '../api/place.ts';
import { Reader } from '../api/reader.ts';
import { isFingerprint, type Fingerprint } from '../crypto/fingerprint.ts';
import { fail as failFile } from '../file-errors.ts';
import { fail } from './errors.ts';

/** The items of the ConfigMap. The controller writes the first two, and kubeseal the third. */
export const CERTIFICATE_ITEM = 'cert.pem';
/** The item that lists the keys. */
export const KEYS_ITEM = 'keys.json';
/** The item that lists the verified backups. */
export const BACKUPS_ITEM = 'backups.json';

/** The version of the two lists. */
const VERSION = 1;

/** Parses the JSON of an item, of which the length is bounded, in bytes. Throws for anything but a list of this version. */
export function readItem(text: string, place: Place, maxBytes: number): Reader {
  checkSize(text, place, maxBytes);
  const reader = new Reader(parseJson(text, place), place);
  if (reader.integer('version') !== VERSION)
    fail({ code: 'BadRecordValue', at: showPlace(reader.at('version')), wanted: String(VERSION) });
  return reader;
}

/** Throws `TooLarge` for a text of more than `maxBytes`. */
export function checkSize(text: string, place: Place, maxBytes: number): void {
  if (Buffer.byteLength(text) > maxBytes)
    failFile({ code: 'TooLarge', at: showPlace(place), limit: `${maxBytes / 1024} KiB` });
}

/** Formats an item. */
export function formatItem(fields: object): string {
  return `${JSON.stringify({ version: VERSION, ...fields })}\n`;
}

function parseJson(text: string, place: Place): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return fail({ code: 'RecordNotJson', at: showPlace(place) });
  }
}

/** Reads a fingerprint. */
export function fingerprintOf(text: string, place: Place): Fingerprint {
  return isFingerprint(text)
    ? text
    : fail({ code: 'BadRecordValue', at: showPlace(place), wanted: 'a fingerprint' });
}

const RFC_3339 = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[+-]\d\d:\d\d)$/;

/** Reads a time of RFC 3339. */
export function timeOf(text: string, place: Place): Date {
  const time = new Date(RFC_3339.test(text) ? text : Number.NaN);
  return Number.isNaN(time.getTime())
    ? fail({ code: 'BadRecordValue', at: showPlace(place), wanted: 'a time (RFC 3339)' })
    : time;
}
