import type { Certificate } from '../../shared/crypto/certificate.ts';
import type { Clock } from '../../shared/clock.ts';
import { Keyring } from '../../shared/seal/keyring.ts';
import type { KeyOrder } from './key-options.ts';
import type { SealingKey } from './key-secret.ts';

/** A key that has a certificate to seal with. */
export type CertifiedKey = SealingKey & { readonly certificate: Certificate };

/** The keys in use: all of them open, the newest one's certificate seals. */
export class SealingKeys {
  readonly keyring: Keyring;
  readonly #order: KeyOrder;
  readonly #clock: Clock;
  #keys: readonly SealingKey[] = [];

  /** @param tried is told with how many keys an item was tried, and whether one of them opened it. */
  constructor(order: KeyOrder, clock: Clock, tried?: (keys: number, opened: boolean) => void) {
    this.keyring = new Keyring([], tried);
    this.#order = order;
    this.#clock = clock;
  }

  /** All keys, the newest first; those that do not seal come last. */
  get all(): readonly SealingKey[] {
    return this.#keys;
  }

  /** The certificate to seal with now, or undefined as long as there is none. */
  get certificate(): Certificate | undefined {
    return this.newest?.certificate;
  }

  /**
   * The key to seal with now. One from the future is none yet, or a planted key would stay the newest; nor is an
   * expired one, for kubeseal refuses it.
   */
  get newest(): CertifiedKey | undefined {
    const now = this.#clock.now();
    return this.#keys
      .filter(isCertified)
      .find(({ certificate }) => certificate.notBefore <= now && certificate.notAfter > now);
  }

  /** When the next key that is from the future now can be sealed with. */
  get nextValid(): Date | undefined {
    const now = this.#clock.now();
    const times = this.#keys
      .filter(isCertified)
      .map(({ certificate }) => certificate.notBefore)
      .filter((notBefore) => notBefore > now);
    return times.sort((a, b) => a.getTime() - b.getTime())[0];
  }

  /** Whether there is a key that would seal, had it not expired. */
  get hasExpired(): boolean {
    const now = this.#clock.now();
    return this.#keys.filter(isCertified).some(({ certificate }) => certificate.notAfter <= now);
  }

  /** Has these keys and no others from now on. */
  replace(keys: readonly SealingKey[]): void {
    const certified = keys.filter(isCertified).sort((a, b) => this.#compare(b, a));
    this.#keys = [...certified, ...keys.filter((key) => !isCertified(key))];
    this.keyring.replace(this.#keys.map(({ key }) => key));
  }

  isNewer(a: CertifiedKey, b: CertifiedKey): boolean {
    return this.#compare(a, b) > 0;
  }

  /** The time that counts for a key's age. */
  timeOf({ certificate, created }: CertifiedKey): Date {
    return this.#order === 'SecretCreationTimestamp' && created ? created : certificate.notBefore;
  }

  /** Both times have whole seconds: where the one that counts does not tell, the other does, or at last the name. */
  #compare(a: CertifiedKey, b: CertifiedKey): number {
    return (
      this.timeOf(a).getTime() - this.timeOf(b).getTime() ||
      a.certificate.notBefore.getTime() - b.certificate.notBefore.getTime() ||
      (a.created?.getTime() ?? 0) - (b.created?.getTime() ?? 0) ||
      (a.secretName < b.secretName ? -1 : Number(a.secretName > b.secretName))
    );
  }
}

function isCertified(key: SealingKey): key is CertifiedKey {
  return !('code' in key.certificate);
}
