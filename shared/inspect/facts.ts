import type { Envelope } from '../crypto/envelope.ts';
import type { ItemProblem } from '../seal/item-problem.ts';
import { envelopeOf } from '../seal/item-envelope.ts';

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
