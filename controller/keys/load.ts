import type { Secret } from '../../shared/api/secret.ts';
import { showRef, type Api } from '../../shared/cluster/api.ts';
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
  /** Name of a new key: the same at every attempt to make it, so that it is made once. */
  readonly newName: string;
}

const TEN_YEARS = 10 * 365 * 24 * 3600 * 1000;

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
  const keys = await loadKeys(api, options, log, signal);
  if (newestOf(keys, clock.now())) return keys;
  const made = await makeKey(api, gate, options, clock, signal);
  log.info('sealing key made', { secret: made.secretName, fingerprint: made.key.fingerprint });
  return [...keys, made];
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

/** Makes a key and writes it before anyone uses it. Throws a conflict where an earlier request has made it, as the next list will show. */
async function makeKey(
  api: Api,
  gate: WriteGate,
  options: KeyOptions,
  clock: Clock,
  signal: AbortSignal,
): Promise<SealingKey> {
  const { namespace, newName: name, bits } = options;
  const ref = { namespace, name };
  const pair = await makeKeyPair({ bits, commonName: '', notBefore: clock.now(), validity: TEN_YEARS });
  const body = keySecretBody(ref, pair);
  const written = await api.write({ verb: 'create', kind: SECRETS, ref, body }, gate, signal);
  return readKeySecret(written);
}
