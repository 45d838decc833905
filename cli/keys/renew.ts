import { NEVER } from '../../shared/clock.ts';
import { SealedSecretsError } from '../../shared/errors.ts';
import {
  readKeyRecord,
  recordRef,
  renewalPatch,
  type KeyRecord,
  type RecordedKey,
} from '../../shared/key-record/record.ts';
import { ApiError } from '../../shared/kubernetes/api/api-error.ts';
import { showRef, type Api } from '../../shared/kubernetes/api/api.ts';
import { CONFIG_MAPS } from '../../shared/kubernetes/api/kinds.ts';
import type { CliContext } from '../context.ts';
import { fail } from './errors.ts';
import { allowed } from './rights.ts';
import { readStoredRecord } from './stored-record.ts';

/** How to renew. */
export interface RenewOptions {
  readonly namespace: string;
  /** How long to wait for the new key: in ms, and in words. */
  readonly wait: { readonly ms: number; readonly words: string };
  /** Whether a key that was made within the last minute is new enough. */
  readonly takesRecent: boolean;
}

/** The newest key after a renewal. */
export interface Renewed {
  readonly key: RecordedKey;
  /** Whether it was there already, made a moment ago. */
  readonly wasThere: boolean;
}

/** How young a key is that nobody needs to renew, in ms. The controller makes the next one no earlier anyway. */
const RECENT = 60_000;
/** How far the clocks of machines may be apart, in ms. The controller ignores requests from beyond. */
const CLOCK_SKEW = 5 * 60_000;
const POLL_INTERVAL = 500;

/**
 * Requests a new key in the key record, and waits until the controller has made it. A request that waits already is not
 * repeated, so that two people who renew at once get one key. Throws `NoKeyRecord`, `NoNewKey` and `NotAllowed`.
 */
export async function renewKey(api: Api, options: RenewOptions, context: CliContext): Promise<Renewed> {
  const { namespace, takesRecent, wait } = options;
  const { clock } = context;
  const record = showRef(recordRef(namespace));
  const before = await request(api, options, context);
  if (takesRecent && before.newest && isRecent(before.newest, clock.now()))
    return { key: before.newest, wasThere: true };
  const end = clock.elapsed() + wait.ms;
  for (;;) {
    const newest = newestOf(await readAgain(api, namespace));
    if (newest !== undefined && newest.fingerprint !== before.newest?.fingerprint)
      return { key: newest, wasThere: false };
    if (clock.elapsed() >= end) return fail({ code: 'NoNewKey', record, wait: wait.words });
    await clock.sleep(POLL_INTERVAL, NEVER);
  }
}

/** Requests a key unless one has been requested, or made a moment ago. Returns the newest key at that time. */
async function request(
  api: Api,
  { namespace, takesRecent }: RenewOptions,
  { clock }: CliContext,
): Promise<{ readonly newest: RecordedKey | undefined }> {
  const ref = recordRef(namespace);
  for (;;) {
    const stored = await readStoredRecord(api, namespace);
    if (stored === null) return fail({ code: 'NoKeyRecord', namespace, record: ref.name });
    const record = readKeyRecord(stored);
    const newest = newestOf(record);
    const now = clock.now();
    if (isPending(record, newest, now) || (takesRecent && newest && isRecent(newest, now))) return { newest };
    // A second after the newest key, also if this clock is behind.
    const at = new Date(Math.max(now.getTime(), (newest ? madeAt(newest) : 0) + 1000));
    const { resourceVersion } = stored.metadata.server;
    const body = renewalPatch(at, resourceVersion);
    try {
      const right = { verb: 'patch', resource: 'configmaps', namespace } as const;
      await allowed(right, () => api.write({ verb: 'patch', kind: CONFIG_MAPS, ref, body }));
      return { newest };
    } catch (error) {
      // Another kubeseal, or the controller, has written: what it wrote decides.
      if (!(error instanceof ApiError && error.status === 409)) throw error;
    }
  }
}

function newestOf({ keys }: Pick<KeyRecord, 'keys'>): RecordedKey | undefined {
  return keys?.keys.find(({ state }) => state === 'newest');
}

/** Returns when a key was made, in ms. A Secret may be younger than its key, as after a restore. */
function madeAt({ created, certificate }: RecordedKey): number {
  return (certificate?.notBefore ?? created)?.getTime() ?? 0;
}

function isRecent(newest: RecordedKey, now: Date): boolean {
  return Math.abs(now.getTime() - madeAt(newest)) < RECENT;
}

/** Whether the controller has a request to carry out. Certificates have whole seconds. */
function isPending({ renewRequestedAt }: KeyRecord, newest: RecordedKey | undefined, now: Date): boolean {
  const requested = renewRequestedAt?.getTime();
  if (requested === undefined || requested > now.getTime() + CLOCK_SKEW) return false;
  return (newest ? madeAt(newest) : 0) < Math.floor(requested / 1000) * 1000;
}

/** Reads the record while waiting. An API server that is away for a moment counts as one that has nothing new. */
async function readAgain(api: Api, namespace: string): Promise<Pick<KeyRecord, 'keys'>> {
  try {
    const stored = await readStoredRecord(api, namespace);
    return stored === null ? { keys: undefined } : readKeyRecord(stored);
  } catch (error) {
    const isAway =
      error instanceof ApiError
        ? error.status >= 500 || error.status === 429
        : error instanceof SealedSecretsError && error.failure.code === 'Unreachable';
    if (!isAway) throw error;
    return { keys: undefined };
  }
}
