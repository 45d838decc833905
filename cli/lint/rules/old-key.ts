import { misfit } from '../../../shared/crypto/envelope.ts';
import { visible } from '../../../shared/text.ts';
import { knownKeysOf } from '../known-keys.ts';
import type { ObjectRule } from '../object.ts';
import type { Problem } from '../problem.ts';
import { itemsInWords } from '../sealed-items.ts';
import { sealedOf } from '../sealed-of.ts';

/**
 * S004: items that an older key of the file's cluster sealed: the sealing record or the hint names it, or the newest key
 * cannot have sealed them, and an older one can.
 */
export const oldKey: ObjectRule = (object, { cluster }) => {
  const sealed = sealedOf(object);
  if (sealed === undefined || cluster === undefined) return [];
  const [newest, ...older] = cluster.certificates.map(({ certificate }) => certificate);
  if (newest === undefined || older.length === 0) return [];
  const { named, unrecorded, items } = knownKeysOf(sealed);
  const name = `"${visible(cluster.name)}"`;
  const old = named.filter(
    ({ key }) => key !== newest.fingerprint && older.some(({ fingerprint }) => fingerprint === key),
  );
  const problems = old.map(({ key, at, what }): Problem => ({
    rule: 'S004',
    at,
    message: `an older key of the cluster ${name} sealed ${what} (${key}); the newest one is ${newest.fingerprint}`,
    advice: RE_ENCRYPT,
  }));
  // A hint at another key says enough; if it is of no certificate of the cluster, another rule is about it.
  if (named.some(({ isHint, key }) => isHint && key !== newest.fingerprint)) return problems;
  const proven = unrecorded.filter(
    ({ envelope }) =>
      envelope !== undefined &&
      misfit(envelope, newest.publicKey.modulus) !== undefined &&
      older.some(({ publicKey }) => misfit(envelope, publicKey.modulus) === undefined),
  );
  const [first] = proven;
  if (first === undefined) return problems;
  const what = itemsInWords(proven, items);
  const message = `the newest key of the cluster ${name} (${newest.fingerprint}) cannot have sealed ${what}, and an older one can`;
  return [...problems, { rule: 'S004', at: first.at, message, advice: RE_ENCRYPT }];
};

const RE_ENCRYPT = 'seal it with the newest key: kubeseal re-encrypt FILE';
