import type { Secret } from '../../shared/api/secret.ts';
import { showRef, type Api } from '../../shared/cluster/api.ts';
import { SECRETS } from '../../shared/cluster/kinds.ts';
import type { WriteGate } from '../../shared/cluster/write-gate.ts';
import type { Clock } from '../../shared/clock.ts';
import { makeKeyPair, type KeyPairPem } from '../../shared/crypto/key-pair.ts';
import { failureOf } from '../../shared/errors.ts';
import { failureFields, type Log } from '../observe/log.ts';
import {
  ACTIVE_KEYS,
  isFromSealedSecret,
  keySecretBody,
  newKeyName,
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

/** A key that may have to be made: the same name and key at every attempt, so that it is made once. */
export interface KeyDraft {
  readonly name: string;
  pair(): Promise<KeyPairPem>;
}

export function newKeyDraft({ prefix, bits }: KeyOptions, clock: Clock): KeyDraft {
  let made: Promise<KeyPairPem> | undefined;
  return {
    name: newKeyName(prefix),
    pair: () => (made ??= makeKeyPair({ bits, commonName: '', notBefore: clock.now(), validity: TEN_YEARS })),
  };
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
  draft: KeyDraft,
  clock: Clock,
  log: Log,
  signal: AbortSignal,
): Promise<SealingKey[]> {
  const keys = await loadKeys(api, options, log, signal);
  if (newestOf(keys, clock.now())) return keys;
  const made = await makeKey(api, gate, options.namespace, draft, signal);
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
  namespace: string,
  draft: KeyDraft,
  signal: AbortSignal,
): Promise<SealingKey> {
  const ref = { namespace, name: draft.name };
  const body = keySecretBody(ref, await draft.pair());
  return readKeySecret(await api.write({ verb: 'create', kind: SECRETS, ref, body }, gate, signal));
}
