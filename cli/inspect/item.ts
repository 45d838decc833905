import { createHash } from 'node:crypto';
import type { Envelope } from '../../shared/crypto/envelope.ts';
import type { ItemProblem } from '../../shared/seal/item-problem.ts';
import { envelopeOf } from '../../shared/seal/open-items.ts';
import { counted } from '../../shared/text.ts';

/** What a sealed value reveals without a key. */
export interface SealedFacts {
  readonly envelope: Envelope;
  /** The size of the key that it was sealed for, in bits, rounded up to whole bytes. */
  readonly keyBits: number;
  /** The length of the value, in bytes. */
  readonly length: number;
}

/** Why a value cannot be a sealed one. */
export interface Malformed {
  readonly problem: string;
}

/** Returns what a value of `encryptedData` (base64, or null if it is not a string) reveals without a key. */
export function factsOf(value: string | null): SealedFacts | Malformed {
  const envelope = envelopeOf('', value);
  if ('code' in envelope) return { problem: wordsFor(envelope) };
  return { envelope, keyBits: envelope.wrappedKey.length * 8, length: envelope.ciphertext.length };
}

function wordsFor(problem: ItemProblem): string {
  switch (problem.code) {
    case 'NotAString':
      return 'the value is not a string';
    case 'IllegalBase64':
      return `illegal base64 data at input byte ${problem.offset}`;
    default:
      return 'the value is truncated or not a sealed value';
  }
}

/** As many hexadecimal digits that nobody finds another ciphertext of the same digest to hide a change with. */
const DIGEST_DIGITS = 32;

/** Returns a short digest of a sealed value, the same for every spelling of its base64. */
export function digestOf({ wrappedKey, ciphertext, tag }: Envelope): string {
  const hash = createHash('sha256').update(wrappedKey).update(ciphertext).update(tag);
  return hash.digest('hex').slice(0, DIGEST_DIGITS);
}

/** Returns a number of bytes in words. */
export function inBytes(length: number): string {
  return counted(length, 'byte');
}
