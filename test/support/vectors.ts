import { createPrivateKey } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Reader } from '../../shared/api/reader.ts';
import { privateKeyOf, type PrivateKey } from '../../shared/crypto/private-key.ts';
import { PACKAGE } from './package.ts';

/** A SealedSecret made by the reference, and the result of unsealing it with the reference. */
export interface Case {
  readonly name: string;
  /** The names of the keys to try. */
  readonly keys: readonly string[];
  readonly sealedSecret: object;
  readonly recovered: object | undefined;
  readonly error: string | undefined;
  /** The Secret that it was sealed from, if known, with the flags and the name of the certificate's key. */
  readonly source:
    { readonly secret: object; readonly args: readonly string[]; readonly key: string } | undefined;
}

/** A single value sealed with the reference's `kubeseal --raw`. */
export interface RawCase {
  readonly scope: string;
  readonly label: string;
  readonly key: string;
  readonly plaintext: Buffer;
  readonly ciphertext: Buffer;
}

const DIR = join(PACKAGE, 'test', 'vectors');

function read(name: string): Reader {
  const file = join(DIR, name);
  return new Reader(JSON.parse(readFileSync(file, 'utf8')), { source: file });
}

const vectors = read('cases.json');
const keys = read('keys.json');

/** All SealedSecrets of the vectors. */
export const CASES: readonly Case[] = vectors.list('cases').map(({ value, place }) => {
  const reader = new Reader(value, place);
  const secret = reader.object('secret')?.raw;
  return {
    name: reader.requiredString('name'),
    keys: reader.strings('keys'),
    sealedSecret: new Reader(reader.value('sealedSecret'), place).raw,
    recovered: reader.object('recovered')?.raw,
    error: reader.string('error'),
    source: secret && { secret, args: reader.strings('sealArgs'), key: reader.requiredString('cert') },
  };
});

/** All single values of the vectors. */
export const RAW_CASES: readonly RawCase[] = vectors.list('raw').map(({ value, place }) => {
  const reader = new Reader(value, place);
  return {
    scope: reader.requiredString('scope'),
    label: reader.requiredString('label'),
    key: reader.requiredString('key'),
    plaintext: Buffer.from(reader.requiredString('plaintext'), 'base64'),
    ciphertext: Buffer.from(reader.requiredString('ciphertext'), 'base64'),
  };
});

/** Returns the private key with that name in the vectors, as PEM (PKCS#8). */
export function keyPem(name: string): string {
  return pem(new Reader(keys.value(name), keys.place).requiredString('privateKeyPkcs8'), 'PRIVATE KEY');
}

/** Returns the certificate with that name in the vectors, as PEM. */
export function certificatePem(name: string): string {
  return pem(new Reader(keys.value(name), keys.place).requiredString('certificate'), 'CERTIFICATE');
}

/** Loads the private key with that name in the vectors. */
export function vectorKey(name: string): Promise<PrivateKey> {
  return privateKeyOf(createPrivateKey(keyPem(name)), name);
}

function pem(base64: string, type: string): string {
  return `-----BEGIN ${type}-----\n${base64.replace(/.{64}(?=.)/g, '$&\n')}\n-----END ${type}-----\n`;
}
