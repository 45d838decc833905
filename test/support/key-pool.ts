import crypto, { createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { join } from 'node:path';
import { after } from 'node:test';
import { PACKAGE } from './package.ts';

/** RSA keys of 2048 bits, which Node 20 takes a third of a second to generate. Only tests use them. */
const POOL =
  readFileSync(join(PACKAGE, 'test', 'support', 'rsa-keys.pem'), 'utf8').match(/-+BEGIN[^]*?END.*\n/g) ?? [];
let used = 0;

/** Returns a key that this process has not got from here before; undefined once it has got all of them. */
export function pooledKey(): KeyObject | undefined {
  const pem = POOL[used++];
  return pem === undefined ? undefined : createPrivateKey(pem);
}

/**
 * For the tests of one file, makes `generateKeyPair` of Node return keys from the pool, in turn. A key comes again after
 * all others have.
 */
export function generateFromPool(): void {
  const original = crypto.generateKeyPair;
  let generated = 0;
  const fromPool = (
    _type: string,
    _options: object,
    callback: (error: null, pair: { publicKey: KeyObject; privateKey: KeyObject }) => void,
  ): void => {
    const privateKey = createPrivateKey(POOL[generated++ % POOL.length] ?? '');
    setImmediate(callback, null, { privateKey, publicKey: createPublicKey(privateKey) });
  };
  Object.assign(crypto, { generateKeyPair: fromPool });
  syncBuiltinESMExports();
  after(() => {
    Object.assign(crypto, { generateKeyPair: original });
    syncBuiltinESMExports();
  });
}
