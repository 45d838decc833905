import type { Certificate } from '../../shared/crypto/certificate.ts';
import type { Clock } from '../../shared/clock.ts';
import type { Fingerprint } from '../../shared/crypto/fingerprint.ts';
import { compareAge, timeOf } from '../../shared/seal/key-age.ts';
import { Keyring } from '../../shared/seal/keyring.ts';
import { Failure } from '../../shared/errors.ts';
import type { KeyOrder } from './key-options.ts';
import type { SealingKey } from './key-secret.ts';

/** How far the clocks of this machine, the API server and other controllers may be apart, in ms. */
export const CLOCK_SKEW = 5 * 60_000;
/** By how much a clock that was set back is corrected at most, in ms. Beyond that, the API server's clock may be wrong. */
const MAX_CLOCK_LAG = 24 * 3_600_000;

/** A key that has a certificate to seal with. */
export type CertifiedKey = SealingKey & { readonly certificate: Certificate };

/** The keys in use. All of them open; the certificate of the newest seals. */
export class SealingKeys {
  readonly keyring: Keyring;
  readonly #order: KeyOrder;
  readonly #clock: Clock;
  #keys: readonly SealingKey[] = [];
  /** The last key that was the newest one. */
  #sealing: Fingerprint | undefined;

  /** @param tried called with the number of keys that were tried on an item, and whether one opened it */
  constructor(order: KeyOrder, clock: Clock, tried?: (keys: number, opened: boolean) => void) {
    this.keyring = new Keyring([], tried);
    this.#order = order;
    this.#clock = clock;
  }

  /** All keys, newest first. Keys that cannot seal come last. */
  get all(): readonly SealingKey[] {
    return this.#keys;
  }

  /** The certificate to seal with now; undefined if there is none. */
  get certificate(): Certificate | undefined {
    return this.newest?.certificate;
  }

  /**
   * The key to seal with now. It is never one from the future, or a planted key would stay the newest; nor an expired
   * one, which kubeseal refuses.
   */
  get newest(): CertifiedKey | undefined {
    const now = this.#clock.now();
    const newest = this.#candidates.find((key) => this.#hasBegun(key) && key.certificate.notAfter > now);
    this.#sealing = newest?.key.fingerprint ?? this.#sealing;
    return newest;
  }

  /** The keys that may seal. */
  get #candidates(): readonly CertifiedKey[] {
    return this.#keys.filter(isCertified).filter(({ isKept }) => !isKept);
  }

  /** Whether the clock was set back to before the validity of the newest key. */
  get newestIsAhead(): boolean {
    const { certificate } = this;
    return certificate !== undefined && certificate.notBefore > this.#clock.now();
  }

  /** Whether the key that sealed last is still in use, and is not valid yet because the clock was set back. */
  get sealingIsAhead(): boolean {
    return this.#candidates.some((key) => key.key.fingerprint === this.#sealing && !this.#hasBegun(key));
  }

  /** When the next key from the future becomes valid; undefined if there is none. */
  get nextValid(): Date | undefined {
    const times = this.#candidates
      .filter((key) => !this.#hasBegun(key))
      .map(({ certificate }) => certificate.notBefore);
    return times.sort((a, b) => a.getTime() - b.getTime())[0];
  }

  /** Whether there is a key that would seal, had it not expired. */
  get hasExpired(): boolean {
    const now = this.#clock.now();
    return this.#candidates.some(({ certificate }) => certificate.notAfter <= now);
  }

  /**
   * Replaces all keys.
   *
   * @param compromised how many further keys are labelled as compromised, and so are not used
   */
  replace(keys: readonly SealingKey[], compromised = 0): void {
    const certified = keys.filter(isCertified).sort((a, b) => compareAge(b, a, this.#order));
    this.#keys = [...certified, ...keys.filter((key) => !isCertified(key))];
    this.keyring.replace(
      this.#keys.map(({ key }) => key),
      compromised,
    );
  }

  /** Whether `a` is newer than `b`. */
  isNewer(a: CertifiedKey, b: CertifiedKey): boolean {
    return compareAge(a, b, this.#order) > 0;
  }

  /** Returns the time that counts as the start of a key's life. */
  timeOf(key: CertifiedKey): Date {
    return timeOf(key, this.#order);
  }

  /**
   * Whether the certificate's validity has begun. If the clock shows a time before the creation of the Secret, it is
   * behind the API server's, and the creation time counts. The key that sealed last stays in use if a correction of the
   * clock puts it ahead by no more than `CLOCK_SKEW`.
   */
  #hasBegun({ key, certificate, created }: CertifiedKey): boolean {
    const now = this.#clock.now().getTime();
    const lag = (created?.getTime() ?? now) - now;
    const time = lag > 0 && lag <= MAX_CLOCK_LAG ? now + lag : now;
    return certificate.notBefore.getTime() <= time + (key.fingerprint === this.#sealing ? CLOCK_SKEW : 0);
  }
}

function isCertified(key: SealingKey): key is CertifiedKey {
  return !(key.certificate instanceof Failure);
}
