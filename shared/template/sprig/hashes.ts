/** Checksum functions. */
import { createHash } from 'node:crypto';
import { define, type GoFunction } from '../function.ts';
import { STRING } from '../value.ts';
import { toBuffer } from '../buffer.ts';
import type { FunctionTable } from './table.ts';

function hash(algorithm: string): GoFunction {
  return define([STRING], STRING, ([text], run) => {
    run.step(text.length >> 6);
    return createHash(algorithm).update(toBuffer(text)).digest('hex');
  });
}

function adler32(text: string): number {
  let a = 1;
  let b = 0;
  for (let at = 0; at < text.length; at++) {
    a = (a + text.charCodeAt(at)) % 65_521;
    b = (b + a) % 65_521;
  }
  return b * 65_536 + a;
}

/** Sprig's checksum functions. */
export const HASHES: FunctionTable = {
  sha1sum: hash('sha1'),
  sha256sum: hash('sha256'),
  sha512sum: hash('sha512'),
  adler32sum: define([STRING], STRING, ([text], run) => {
    run.step(text.length);
    return String(adler32(text));
  }),
};
