import type { Secret } from '../../shared/api/secret.ts';
import type { Certificate } from '../../shared/crypto/certificate.ts';
import type { Fingerprint } from '../../shared/crypto/fingerprint.ts';
import { Failure, SealedSecretsError } from '../../shared/errors.ts';
import type { Api, Listed } from '../../shared/kubernetes/api/api.ts';
import { SECRETS } from '../../shared/kubernetes/api/kinds.ts';
import { isFromSealedSecret } from '../../shared/seal/stored-key.ts';
import { COMPROMISED_KEYS, readKeySecret, RETIRED_KEYS } from './key-secret.ts';

/** What is public of a key that is not used any more. */
export interface UnusedKey {
  readonly secretName: string;
  readonly created: Date | undefined;
  readonly fingerprint: Fingerprint;
  readonly certificate: Certificate | undefined;
  readonly state: 'retired' | 'compromised';
}

/** A Secret as it was read. */
interface Read {
  /** Its UID and resource version. */
  readonly version: string;
  /** Null if the Secret holds no key. */
  readonly key: UnusedKey | null;
}

const STATES = [
  ['retired', RETIRED_KEYS],
  ['compromised', COMPROMISED_KEYS],
] as const;

/** Reads the keys that are labelled as retired or compromised, each version of a Secret once. Keeps no private key. */
export class UnusedKeys {
  readonly #api: Api;
  readonly #namespace: string;
  #read: ReadonlyMap<string, Read> = new Map();

  constructor(api: Api, namespace: string) {
    this.#api = api;
    this.#namespace = namespace;
  }

  /** Returns the keys, in no particular order. Throws if a request fails. */
  async load(signal: AbortSignal): Promise<readonly UnusedKey[]> {
    const read = new Map<string, Read>();
    for (const [state, labelSelector] of STATES) {
      const visit = async (item: Listed<Secret>): Promise<void> => {
        if (!item.ok) return;
        const { name, server } = item.object.metadata;
        const version = `${server.uid} ${server.resourceVersion}`;
        const before = this.#read.get(name);
        read.set(
          name,
          before?.version === version ? before : { version, key: await keyOf(item.object, state) },
        );
      };
      await this.#api.list(SECRETS, { namespace: this.#namespace, labelSelector, signal }, visit);
    }
    this.#read = read;
    return [...read.values()].flatMap(({ key }) => key ?? []);
  }
}

async function keyOf(secret: Secret, state: UnusedKey['state']): Promise<UnusedKey | null> {
  if (isFromSealedSecret(secret)) return null;
  try {
    const { secretName, created, key, certificate } = await readKeySecret(secret);
    const usable = certificate instanceof Failure ? undefined : certificate;
    return { secretName, created, fingerprint: key.fingerprint, certificate: usable, state };
  } catch (error) {
    // A Secret that holds no key is not in the record. Nothing depends on it, so nothing is said.
    if (error instanceof SealedSecretsError) return null;
    throw error;
  }
}
