import type { KeyOrder } from '../../shared/seal/key-age.ts';

export { KEY_ORDERS, type KeyOrder } from '../../shared/seal/key-age.ts';
export { DEFAULT_KEY_PREFIX } from '../../shared/seal/key-secret.ts';

/** Whether keys are made, or only brought. */
export const KEY_GENERATIONS = ['auto', 'never'] as const;
export type KeyGeneration = (typeof KEY_GENERATIONS)[number];

export interface KeyOptions {
  readonly namespace: string;
  /** Of the names of keys; a Secret of exactly this name is a key of the oldest releases. */
  readonly prefix: string;
  readonly order: KeyOrder;
  readonly generation: KeyGeneration;
  /** After how many milliseconds the newest key is followed by a new one; 0: never. */
  readonly renewPeriod: number;
  /** A newest key from before this is followed by a new one. */
  readonly cutoff: Date | undefined;
  readonly made: NewKeyOptions;
}

/** What a new key is like. */
export interface NewKeyOptions {
  /** Size of the modulus, in bits. */
  readonly bits: number;
  readonly commonName: string;
  /** How long its certificate is valid, in milliseconds. */
  readonly validity: number;
  readonly labels: ReadonlyMap<string, string>;
  readonly annotations: ReadonlyMap<string, string>;
}
