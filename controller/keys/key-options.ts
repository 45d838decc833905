import type { KeyOrder } from '../../shared/seal/key-age.ts';

export { KEY_ORDERS, type KeyOrder } from '../../shared/seal/key-age.ts';
export { DEFAULT_KEY_PREFIX } from '../../shared/seal/stored-key.ts';

/** Whether the controller generates keys, or only uses those that others create. */
export const KEY_GENERATIONS = ['auto', 'never'] as const;
/** One of {@link KEY_GENERATIONS}. */
export type KeyGeneration = (typeof KEY_GENERATIONS)[number];

/** How to find, order and renew sealing keys. */
export interface KeyOptions {
  /** The namespace of the key Secrets. */
  readonly namespace: string;
  /** The prefix of the names of key Secrets. A Secret of exactly this name is the key of the oldest releases. */
  readonly prefix: string;
  readonly order: KeyOrder;
  readonly generation: KeyGeneration;
  /** The age at which the newest key is renewed, in ms; 0: never. */
  readonly renewPeriod: number;
  /** The newest key is renewed if it is older than this; undefined: no cutoff. */
  readonly cutoff: Date | undefined;
  /** Whether to keep a key whose Secret is given another one. */
  readonly keepReplaced: boolean;
  /** The properties of generated keys. */
  readonly made: NewKeyOptions;
}

/** The properties of a generated key. */
export interface NewKeyOptions {
  /** Size of the modulus, in bits. */
  readonly bits: number;
  /** The common name of the certificate. */
  readonly commonName: string;
  /** How long the certificate is valid, in ms. */
  readonly validity: number;
  /** Labels of the Secret. */
  readonly labels: ReadonlyMap<string, string>;
  /** Annotations of the Secret. */
  readonly annotations: ReadonlyMap<string, string>;
}
