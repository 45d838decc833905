import { OWNER_UID } from '../../shared/api/annotations.ts';
import { controllerOf } from '../../shared/api/metadata.ts';
import { showPlace } from '../../shared/api/place.ts';
import { isLeftOut, type SealedSecret, type StoredSealedSecret } from '../../shared/api/sealed-secret.ts';
import type { Secret } from '../../shared/api/secret.ts';
import { Failure } from '../../shared/errors.ts';
import { ApiError } from '../../shared/kubernetes/api/api-error.ts';
import { Api, type Ref } from '../../shared/kubernetes/api/api.ts';
import { SEALED_SECRETS, SECRETS, type Kind } from '../../shared/kubernetes/api/kinds.ts';
import { connect } from '../../shared/kubernetes/auth/connect.ts';
import { Transport } from '../../shared/kubernetes/http/transport.ts';
import type { CliContext } from '../context.ts';
import { cliFailure, fail, type LiveReason } from '../errors.ts';
import type { ControllerOptions } from '../flags/options.ts';
import type { KnownValues } from './known-values.ts';

/**
 * Returns the values of Secrets in the cluster that the user may read. A value is known only if it surely belongs to the
 * ciphertext: the SealedSecret in the cluster has the same one, and the controller has applied it. Throws as `connect`.
 *
 * `valuesOf` throws `NotLive` for an object that is not in the cluster, `LiveRefused` for one that the user may not read,
 * and `NotItsSecret` for a Secret of something else.
 */
export async function liveValues(
  { cluster }: Pick<ControllerOptions, 'cluster'>,
  context: CliContext,
): Promise<KnownValues> {
  const connection = await connect(cluster, context.environment, context);
  const api = new Api(new Transport(connection));
  const pairs = new Map<SealedSecret, Promise<LivePair>>();
  const pairOf = (sealed: SealedSecret): Promise<LivePair> => {
    const { name, namespace } = sealed.metadata;
    const ref = { name, namespace: namespace || connection.namespace || 'default' };
    const pair = pairs.get(sealed) ?? readPair(api, ref);
    pairs.set(sealed, pair);
    return pair;
  };
  return {
    async valuesOf(sealed) {
      const pair = await pairOf(sealed);
      return new Map(
        [...sealed.encryptedData.keys()].flatMap((item) => {
          const value = valueOf(item, sealed, pair);
          return typeof value === 'string' ? [] : [[item, value] as const];
        }),
      );
    },
    async whyUnknown(sealed, item, place) {
      const value = valueOf(item, sealed, await pairOf(sealed));
      const reason = typeof value === 'string' ? value : 'absent';
      return cliFailure({ code: 'UnknownLive', at: showPlace(place), item, reason });
    },
    close: () => api.transport.close(),
  };
}

/** A SealedSecret in the cluster and its Secret. */
interface LivePair {
  readonly stored: StoredSealedSecret;
  readonly secret: Secret;
}

async function readPair(api: Api, ref: Ref): Promise<LivePair> {
  const secret = await read(api, SECRETS, ref);
  const stored = await read(api, SEALED_SECRETS, ref);
  const { sealed } = stored;
  if (!(sealed instanceof Failure) && !isOwnedBy(stored, secret)) {
    const expected = [...sealed.encryptedData.keys()].filter((item) => !isLeftOut(sealed.template, item));
    if (!expected.every((item) => secret.data.has(item))) fail({ code: 'NotItsSecret', ...ref });
  }
  return { stored, secret };
}

async function read<T>(api: Api, kind: Kind<T>, ref: Ref): Promise<T> {
  try {
    return (await api.get(kind, ref)) ?? fail({ code: 'NotLive', kind: kind.kind, ...ref });
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    const { status, reason } = error;
    return fail({ code: 'LiveRefused', kind: kind.kind, ...ref, status, reason });
  }
}

/** Whether the Secret's own metadata names the SealedSecret as its owner. */
function isOwnedBy({ metadata: owner }: StoredSealedSecret, { metadata }: Secret): boolean {
  const uid = controllerOf(metadata)?.uid ?? metadata.annotations.get(OWNER_UID);
  return uid === owner.server.uid;
}

/** Returns the value of an item, or why it is not known. */
function valueOf(item: string, file: SealedSecret, { stored, secret }: LivePair): Uint8Array | LiveReason {
  const { sealed } = stored;
  if (sealed instanceof Failure || sealed.encryptedData.get(item) !== file.encryptedData.get(item))
    return 'differs';
  if (!isApplied(stored)) return 'pending';
  if (sealed.template.data.has(item)) return 'templated';
  return secret.data.get(item) ?? 'absent';
}

/** Whether the controller has applied this generation, as far as the status tells: older controllers write none. */
function isApplied({ metadata, status: { observedGeneration, conditions } }: StoredSealedSecret): boolean {
  const synced = conditions.find(({ type }) => type === 'Synced')?.status;
  const isObserved = observedGeneration === 0 || observedGeneration >= metadata.server.generation;
  return isObserved && (synced === undefined || synced === 'True');
}
