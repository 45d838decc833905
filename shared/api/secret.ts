import { utf8Bytes } from '../bytes.ts';
import { fail } from './errors.ts';
import { decodeBase64 } from './base64.ts';
import { isItemName } from './item-name.ts';
import { checkKind } from './kind.ts';
import { parseFileMetadata, parseSavedMetadata, parseServerMetadata, type Metadata } from './metadata.ts';
import { inside, showPlace, type Place } from './place.ts';
import { asString, Reader, wrongType } from './reader.ts';

/** A v1 Secret with decoded data. */
export interface Secret {
  readonly metadata: Metadata;
  /** The type; empty if the object has none, which the API server treats as `Opaque`. */
  readonly type: string;
  readonly immutable: boolean | undefined;
  readonly data: ReadonlyMap<string, Uint8Array>;
}

const SECRET = { kind: 'Secret', apiVersion: 'v1', kindRequired: false };

/**
 * Parses a Secret of a file; `stringData` takes precedence over `data`. Throws `SealedSecretsError` naming the place.
 */
export function parseSecret(document: unknown, place: Place): Secret {
  const reader = new Reader(document, place);
  checkKind(reader, SECRET);
  return readSecret(reader, parseFileMetadata(reader.object('metadata')));
}

/** Parses a Secret that was saved from a cluster, with its time of creation and its owners. Throws as `parseSecret`. */
export function parseSavedSecret(document: unknown, place: Place): Secret {
  const reader = new Reader(document, place);
  checkKind(reader, SECRET);
  return readSecret(reader, parseSavedMetadata(reader.object('metadata')));
}

/** Parses a Secret from the API server. Throws `SealedSecretsError` naming the place. */
export function parseServerSecret(document: unknown, place: Place): Secret {
  const reader = new Reader(document, place);
  return readSecret(reader, parseServerMetadata(new Reader(reader.value('metadata'), reader.at('metadata'))));
}

function readSecret(reader: Reader, metadata: Metadata): Secret {
  const data = new Map<string, Uint8Array>();
  for (const [item, value] of entries(reader, 'data')) {
    data.set(item, value === null ? utf8Bytes('') : readBase64(value, inside(reader.at('data'), item)));
  }
  for (const [item, value] of entries(reader, 'stringData')) {
    const text = value === null ? '' : asString(value, inside(reader.at('stringData'), item));
    data.set(item, utf8Bytes(text));
  }
  return { metadata, type: reader.string('type') ?? '', immutable: reader.boolean('immutable'), data };
}

/**
 * Returns the items of a map. Go programs such as kubectl write an empty value as null. Throws `WrongType` for a null
 * whose name no item can have: in `{password:hunter2}`, without a space, the value is part of the name, which is not
 * sealed.
 */
function entries(reader: Reader, name: 'data' | 'stringData'): Map<string, unknown> {
  const all = reader.entries(name);
  for (const [item, value] of all) {
    if (value === null && !isItemName(item)) wrongType(value, inside(reader.at(name), item), 'a string');
  }
  return all;
}

function readBase64(value: unknown, place: Place): Uint8Array {
  const decoded = decodeBase64(asString(value, place));
  return decoded.ok
    ? decoded.bytes
    : fail({ code: 'BadBase64', at: showPlace(place), offset: decoded.offset });
}
