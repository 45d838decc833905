import { randomUUID } from 'node:crypto';
import { SEALING_KEY } from '../../shared/api/annotations.ts';
import { SEALED_SECRET_VERSION } from '../../shared/api/kind.ts';
import { isObject } from '../../shared/api/reader.ts';
import type { SealedSecret } from '../../shared/api/sealed-secret.ts';

/** A gap in a frame: the map of encrypted items, or the fingerprint of the key that they are sealed with. */
type Gap = 'items' | 'key';

/**
 * A posted object as JSON, in pieces, with gaps for the values that re-encryption changes. It may take a hundredth of
 * the memory of the parsed object.
 */
export type Frame = readonly (Uint8Array | Gap)[];

/** Returns the frame of an object, with a gap for the `sealing-key` annotation if it has one. */
export function frameOf(value: object, { metadata }: Pick<SealedSecret, 'metadata'>): Frame {
  // The object cannot contain this marker, because the marker is created after it.
  const marker = randomUUID();
  const withKeyGap = (annotations: object): object =>
    metadata.annotations.has(SEALING_KEY) ? { ...annotations, [SEALING_KEY]: `${marker} key` } : annotations;
  const withItemsGap = withField(value, 'spec', (spec) =>
    withField(spec, 'encryptedData', () => `${marker} items`),
  );
  const withGaps = withField(withItemsGap, 'metadata', (field) =>
    withField(field, 'annotations', withKeyGap),
  );
  // Clients may leave out apiVersion, but the output must have it.
  const rest = Object.entries(withGaps).filter(([name]) => !/^(?:kind|apiversion)$/i.test(name));
  const whole = { kind: 'SealedSecret', apiVersion: SEALED_SECRET_VERSION, ...Object.fromEntries(rest) };
  return JSON.stringify(whole)
    .split(new RegExp(`"${marker} (items|key)"`))
    .map((piece, index) => (index % 2 === 0 ? Buffer.from(piece) : asGap(piece)));
}

/** Returns the size of a frame without its gaps, in bytes. */
export function frameSize(frame: Frame): number {
  return frame.reduce((size, piece) => size + (typeof piece === 'string' ? 0 : piece.length), 0);
}

/** Returns the JSON of the object with all gaps filled, followed by a line break. */
export function fillFrame(frame: Frame, items: ReadonlyMap<string, string>, key: string): Buffer {
  const values = { items: Object.fromEntries(items), key };
  const fill = (gap: Gap): Buffer => Buffer.from(JSON.stringify(values[gap]));
  const pieces = frame.map((piece) => (typeof piece === 'string' ? fill(piece) : piece));
  return Buffer.concat([...pieces, Buffer.from('\n')]);
}

function asGap(piece: string): Gap {
  return piece === 'items' ? 'items' : 'key';
}

/** Returns a copy of the object with one field changed. Matches the field's name in any letter case. */
function withField(object: object, name: string, change: (field: object) => unknown): object {
  const entries = Object.entries(object) as [string, unknown][];
  const changed = entries.map(([key, field]): [string, unknown] => {
    const matches = key.toLowerCase() === name.toLowerCase() && isObject(field);
    return [key, matches ? change(field) : field];
  });
  return Object.fromEntries(changed);
}
