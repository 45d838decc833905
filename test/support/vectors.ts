import { createPrivateKey } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Reader } from '../../shared/api/reader.ts';
import { privateKeyOf, type PrivateKey } from '../../shared/crypto/private-key.ts';
import { PACKAGE } from './package.ts';

/** One SealedSecret made by the reference, and what the reference makes of it. */
export interface Case {
  readonly name: string;
  /** Names of the keys to try. */
  readonly keys: readonly string[];
  readonly sealedSecret: object;
  readonly recovered: object | undefined;
  readonly error: string | undefined;
  /** Where it was sealed from a given Secret: that Secret, with what flags and under which key's certificate. */
  readonly source:
    { readonly secret: object; readonly args: readonly string[]; readonly key: string } | undefined;
}

/** A single value as `kubeseal --raw` of the reference seals it. */
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

/** The PEM private key (PKCS#8) of a name in the vectors. */
export function keyPem(name: string): string {
  return pem(new Reader(keys.value(name), keys.place).requiredString('privateKeyPkcs8'), 'PRIVATE KEY');
}

/** The PEM certificate of a name in the vectors. */
export function certificatePem(name: string): string {
  return pem(new Reader(keys.value(name), keys.place).requiredString('certificate'), 'CERTIFICATE');
}

export function vectorKey(name: string): Promise<PrivateKey> {
  return privateKeyOf(createPrivateKey(keyPem(name)), name);
}

function pem(base64: string, type: string): string {
  return `-----BEGIN ${type}-----\n${base64.replace(/.{64}(?=.)/g, '$&\n')}\n-----END ${type}-----\n`;
}
