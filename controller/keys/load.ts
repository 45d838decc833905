import type { Secret } from '../../shared/api/secret.ts';
import { showRef, type Api } from '../../shared/cluster/api.ts';
import { ApiError } from '../../shared/cluster/api-error.ts';
import { SECRETS } from '../../shared/cluster/kinds.ts';
import type { WriteGate } from '../../shared/cluster/write-gate.ts';
import type { Clock } from '../../shared/clock.ts';
import { makeKeyPair } from '../../shared/crypto/key-pair.ts';
import { failureOf } from '../../shared/errors.ts';
import { failureFields, type Log } from '../observe/log.ts';
import {
  ACTIVE_KEYS,
  isFromSealedSecret,
  keySecretBody,
  keySecretName,
  readKeySecret,
  type SealingKey,
} from './key-secret.ts';
import { newestOf } from './sealing-keys.ts';

export interface KeyOptions {
  readonly namespace: string;
  /** Of the names of keys; a Secret of exactly this name is a key of the oldest releases. */
  readonly prefix: string;
  /** Size of a new key, in bits. */
  readonly bits: number;
}

const TEN_YEARS = 10 * 365 * 24 * 3600 * 1000;
const NAME_ATTEMPTS = 10;

/**
 * All sealing keys there are, and a new one where there is none to seal with. A key is made only after the complete
 * list and the legacy key's GET have succeeded: a refusal or a cut list never means that there is none. Throws
 * whatever the API server answers.
 */
export async function loadOrMakeKeys(
  api: Api,
  gate: WriteGate,
  options: KeyOptions,
  clock: Clock,
  log: Log,
  signal: AbortSignal,
): Promise<SealingKey[]> {
  for (let attempt = 0; ; attempt++) {
    const keys = await loadKeys(api, options, log, signal);
    if (newestOf(keys, clock.now())) return keys;
    const made = await makeKey(api, gate, options, clock, attempt, signal);
    if (made) {
      log.info('sealing key made', { secret: made.secretName, fingerprint: made.key.fingerprint });
      return [...keys, made];
    }
    // A Secret of that name is there: the key that our own lost request made, or one that was taken out of use.
    if (attempt === NAME_ATTEMPTS) throw new Error('every name for a new sealing key is taken');
  }
}

async function loadKeys(api: Api, options: KeyOptions, log: Log, signal: AbortSignal): Promise<SealingKey[]> {
  const { namespace, prefix } = options;
  const secrets = new Map<string, Secret>();
  for await (const page of api.list(SECRETS, { namespace, labelSelector: ACTIVE_KEYS }, signal)) {
    for (const item of page.items) {
      if (item.ok) secrets.set(item.object.metadata.name, item.object);
      else
        log.error('a sealing key is skipped', { secret: showRef(item.ref), ...failureFields(item.failure) });
    }
  }
  const legacy = await api.get(SECRETS, { namespace, name: prefix }, signal);
  if (legacy) secrets.set(prefix, legacy);

  const keys: SealingKey[] = [];
  for (const [name, secret] of secrets) {
    const named = { secret: `${namespace}/${name}` };
    if (isFromSealedSecret(secret)) {
      log.error('a Secret that a SealedSecret made is not taken for a sealing key', named);
      continue;
    }
    try {
      const key = await readKeySecret(secret);
      if ('code' in key.certificate)
        log.warn('a sealing key opens but does not seal', { ...named, ...failureFields(key.certificate) });
      keys.push(key);
    } catch (error) {
      log.error('a sealing key is skipped', {
        ...named,
        ...failureFields(failureOf(error, 'reading a key')),
      });
    }
  }
  return keys;
}

/** Makes a key and writes it before anyone uses it; null where a Secret of its name is there already. */
async function makeKey(
  api: Api,
  gate: WriteGate,
  options: KeyOptions,
  clock: Clock,
  attempt: number,
  signal: AbortSignal,
): Promise<SealingKey | null> {
  const { namespace, prefix, bits } = options;
  const ref = { namespace, name: keySecretName(prefix, '', attempt) };
  const pair = await makeKeyPair({ bits, commonName: '', notBefore: clock.now(), validity: TEN_YEARS });
  try {
    const written = await api.write(
      { verb: 'create', kind: SECRETS, ref, body: keySecretBody(ref, pair) },
      gate,
      signal,
    );
    return written && (await readKeySecret(written));
  } catch (error) {
    if (error instanceof ApiError && error.status === 409) return null;
    throw error;
  }
}
