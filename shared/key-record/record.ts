import { RENEW_REQUESTED_AT } from '../api/annotations.ts';
import type { ConfigMap } from '../api/config-map.ts';
import { fullName } from '../api/metadata.ts';
import type { Place } from '../api/place.ts';
import { formatTime } from '../clock.ts';
import { parseCertificate } from '../crypto/parse-certificate.ts';
import type { Certificate } from '../crypto/certificate.ts';
import { failureOf, type Failure } from '../errors.ts';
import { formatBackups, parseBackups, type VerifiedBackups } from './backups.ts';
import { BACKUPS_ITEM, CERTIFICATE_ITEM, checkSize, KEYS_ITEM, timeOf } from './items.ts';
import { formatKeys, MAX_CERTIFICATE_BYTES, parseKeys, type RecordedKey, type RecordedKeys } from './keys.ts';

export { type VerifiedBackups } from './backups.ts';
export { KEY_STATES, type KeyState, type RecordedKey, type RecordedKeys } from './keys.ts';

/** The default name of the ConfigMap, in the namespace of the controller. */
export const DEFAULT_KEY_RECORD = 'sealed-secrets-keys';

/** Returns the place of the key record of a controller that uses the default name. */
export function recordRef(namespace: string): { readonly namespace: string; readonly name: string } {
  return { namespace, name: DEFAULT_KEY_RECORD };
}

/**
 * What the key record says. Anyone with the right to write the ConfigMap may have written it, so that each part that is
 * malformed counts as absent, and nothing else depends on it.
 */
export interface KeyRecord {
  /** The certificate that seals now. */
  readonly certificate: Certificate | undefined;
  readonly keys: RecordedKeys | undefined;
  readonly backups: VerifiedBackups | undefined;
  /** When someone requested a new key last. */
  readonly renewRequestedAt: Date | undefined;
  /** Why parts that exist count as absent: one failure for each, in one line. */
  readonly problems: readonly Failure[];
}

/** The parts of the key record that kubeseal writes. */
export type Requests = Pick<KeyRecord, 'backups' | 'renewRequestedAt' | 'problems'>;

/** Reads the key record from its ConfigMap. Never throws. */
export function readKeyRecord(configMap: ConfigMap): KeyRecord {
  const parts = new Parts(configMap);
  return {
    certificate: parts.item(CERTIFICATE_ITEM, certificateIn),
    keys: parts.item(KEYS_ITEM, parseKeys),
    ...requestsIn(parts),
  };
}

/** Reads only the parts that kubeseal writes. Never throws. */
export function readRequests(configMap: ConfigMap): Requests {
  return requestsIn(new Parts(configMap));
}

function requestsIn(parts: Parts): Requests {
  return {
    backups: parts.item(BACKUPS_ITEM, parseBackups),
    renewRequestedAt: parts.annotation(RENEW_REQUESTED_AT, timeOf),
    problems: parts.problems,
  };
}

type Parse<T> = (text: string, place: Place) => T;

/** Parses parts of a ConfigMap, each on its own, and collects why some cannot be. */
class Parts {
  readonly problems: Failure[] = [];
  readonly #configMap: ConfigMap;
  readonly #source: string;

  constructor(configMap: ConfigMap) {
    this.#configMap = configMap;
    this.#source = `ConfigMap ${fullName(configMap.metadata)}`;
  }

  item<T>(name: string, parse: Parse<T>): T | undefined {
    return this.#read(this.#configMap.data.get(name), { source: `${this.#source}: ${name}` }, parse);
  }

  annotation<T>(name: string, parse: Parse<T>): T | undefined {
    const place = { source: this.#source, path: ['metadata', 'annotations', name] };
    return this.#read(this.#configMap.metadata.annotations.get(name), place, parse);
  }

  /** An empty text counts as absent. */
  #read<T>(text: string | undefined, place: Place, parse: Parse<T>): T | undefined {
    if (!text) return undefined;
    try {
      return parse(text, place);
    } catch (error) {
      this.problems.push(failureOf(error, 'reading the key record'));
      return undefined;
    }
  }
}

function certificateIn(text: string, place: Place): Certificate {
  checkSize(text, place, MAX_CERTIFICATE_BYTES);
  return parseCertificate(text, place.source);
}

/** Returns the items that the controller writes: a part of the data of the ConfigMap, or of a merge patch of it. */
export function keyItems(keys: readonly RecordedKey[]): Readonly<Record<string, string>> {
  const pem = keys.find(({ state }) => state === 'newest')?.certificate?.pem ?? '';
  // Without a key to seal with, the item is empty: a merge patch must not keep the certificate of a key that is gone.
  return { [CERTIFICATE_ITEM]: pem.length > MAX_CERTIFICATE_BYTES ? '' : pem, [KEYS_ITEM]: formatKeys(keys) };
}

/** Returns the item that kubeseal writes, for a ConfigMap that does not exist yet. */
export function backupItems(backups: VerifiedBackups): Readonly<Record<string, string>> {
  return { [BACKUPS_ITEM]: formatBackups(backups) };
}

/**
 * Returns the merge patch with which kubeseal records verified backups. It carries the version of the ConfigMap whose
 * backups these are, with the new ones added: the API server answers 409 if another kubeseal has written in between.
 */
export function backupsPatch(backups: VerifiedBackups, { metadata }: Pick<ConfigMap, 'metadata'>): object {
  const { resourceVersion } = metadata.server;
  return { metadata: { resourceVersion }, data: backupItems(backups) };
}

/**
 * Returns the merge patch that requests a new key.
 *
 * @param version the version of the ConfigMap that the API server must still have, or it answers 409
 */
export function renewalPatch(at: Date, version?: string): object {
  const annotations = { [RENEW_REQUESTED_AT]: formatTime(at) };
  return { metadata: { ...(version === undefined ? {} : { resourceVersion: version }), annotations } };
}
