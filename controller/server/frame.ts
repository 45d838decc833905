import { randomUUID } from 'node:crypto';
import { SEALING_KEY } from '../../shared/api/annotations.ts';
import { SEALED_SECRET_VERSION } from '../../shared/api/kind.ts';
import { isObject } from '../../shared/api/reader.ts';
import type { SealedSecret } from '../../shared/api/sealed-secret.ts';

/** A gap in a frame: the map of items, or the fingerprint of the key they are sealed with. */
type Gap = 'items' | 'key';

/**
 * A posted object as JSON, in pieces, with gaps for what re-encryption changes. Bytes take a hundredth of the memory
 * that the parsed object may take.
 */
export type Frame = readonly (Uint8Array | Gap)[];

/** Writes the frame of an object, with a gap for `sealing-key` where it has that annotation. */
export function frameOf(value: object, { metadata }: Pick<SealedSecret, 'metadata'>): Frame {
  // A marker that the object cannot contain, for it was made after the object.
  const marker = randomUUID();
  const hint = (annotations: object): object =>
    metadata.annotations.has(SEALING_KEY) ? { ...annotations, [SEALING_KEY]: `${marker} key` } : annotations;
  const opened = within(value, 'spec', (spec) => within(spec, 'encryptedData', () => `${marker} items`));
  const hinted = within(opened, 'metadata', (own) => within(own, 'annotations', hint));
  // Clients may leave out the version, and readers may not.
  const rest = Object.entries(hinted).filter(([name]) => !/^(?:kind|apiversion)$/i.test(name));
  const whole = { kind: 'SealedSecret', apiVersion: SEALED_SECRET_VERSION, ...Object.fromEntries(rest) };
  return JSON.stringify(whole)
    .split(new RegExp(`"${marker} (items|key)"`))
    .map((piece, index) => (index % 2 === 0 ? Buffer.from(piece) : asGap(piece)));
}

/** Returns how many bytes the pieces of a frame have. */
export function frameSize(frame: Frame): number {
  return frame.reduce((size, piece) => size + (typeof piece === 'string' ? 0 : piece.length), 0);
}

/** Returns the JSON of the object, with its gaps filled. */
export function fillFrame(frame: Frame, items: ReadonlyMap<string, string>, key: string): Buffer {
  const values = { items: Object.fromEntries(items), key };
  const fill = (gap: Gap): Buffer => Buffer.from(JSON.stringify(values[gap]));
  const pieces = frame.map((piece) => (typeof piece === 'string' ? fill(piece) : piece));
  return Buffer.concat([...pieces, Buffer.from('\n')]);
}

function asGap(piece: string): Gap {
  return piece === 'items' ? 'items' : 'key';
}

/** Returns the object with one of its fields changed, whose name may be written in any letter case. */
function within(object: object, name: string, change: (field: object) => unknown): object {
  const entries = Object.entries(object) as [string, unknown][];
  const changed = entries.map(([key, field]): [string, unknown] => {
    const isMeant = key.toLowerCase() === name.toLowerCase() && isObject(field);
    return [key, isMeant ? change(field) : field];
  });
  return Object.fromEntries(changed);
}
