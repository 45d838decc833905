import type { StoredSealedSecret } from '../../shared/api/sealed-secret.ts';
import { showRef, type Ref } from '../../shared/cluster/api.ts';
import { ApiError } from '../../shared/cluster/api-error.ts';
import { SEALED_SECRETS } from '../../shared/cluster/kinds.ts';
import { describe, failureOf, type Failure } from '../../shared/errors.ts';
import type { Decrypter } from '../../shared/seal/open-items.ts';
import { unseal, type Renderer } from '../../shared/seal/unseal.ts';
import type { KeyUses } from '../keys/key-uses.ts';
import { failureFields } from '../observe/log.ts';
import { apply, type Applier } from './apply.ts';
import { collect } from './collect.ts';
import { countFailure, countUnsealed } from './count.ts';
import type { Edits } from './edits.ts';
import { outageOf } from './outage.ts';
import { handlingOf, type Outcome } from './outcome.ts';
import { Progress } from './progress.ts';
import { isDeprecated } from './refuse.ts';
import { RefusedWrite } from './refused-write.ts';
import { knownStatus, tell, type Teller } from './tell.ts';

export interface Context extends Applier, Teller {
  /** For one object, which shares the machine with the others. */
  readonly decrypterFor: (ref: Ref) => Decrypter;
  readonly rendererFor: (ref: Ref) => Renderer;
  readonly acceptV1Data: boolean;
  /** Whether the status tells the API server's own words, without values. */
  readonly showApiMessages: boolean;
  readonly keyUses: KeyUses;
  readonly watches: Watches;
  readonly edits: Edits;
}

/** What the watches know. */
export interface Watches {
  /** Whether this controller takes care of the SealedSecret: it may be of no watched namespace, or not be selected. */
  has(ref: Ref): boolean;
  /** The UID of a SealedSecret of the name that is gone, and whose Secret is to go with it. */
  departed(ref: Ref): string | undefined;
  /** Says that the Secret of the departed one was taken care of. */
  settled(ref: Ref, uid: string): void;
  /** Whether changes of Secrets are seen; else what they may heal is tried again and again. */
  readonly ofSecrets: boolean;
}

/**
 * What happens next:
 * - `synced`: nothing until something changes, for the object is as it should be;
 * - `rest`: nothing until something changes;
 * - `key`: a turn when a sealing key comes;
 * - `retry`: a turn after a pause that grows each time;
 * - `cause`: the same, and the failure has a cause that other objects may share; see {@link outageOf};
 * - `after`: a turn after so many milliseconds.
 */
export type Next =
  'synced' | 'rest' | 'key' | 'retry' | { readonly cause: string } | { readonly after: number };

/** What ends the work on an object early. */
export interface Signals {
  /** The end of everything. */
  readonly stop: AbortSignal;
  /** The same, or that the object has changed: what is being unsealed is not wanted any more. */
  readonly stale: AbortSignal;
}

/**
 * Makes the Secret of one SealedSecret what the SealedSecret says, as both stand now, and reports it. Whatever
 * event led here, the work is the same. Rejects only when the signal to stop is aborted.
 */
export async function reconcile(ref: Ref, context: Context, signals: Signals): Promise<Next> {
  const { stop } = signals;
  const object = `SealedSecret ${showRef(ref)}`;
  const waited = context.edits.begun(ref);
  // Where it went with its namespace, and the rights in there, asking for it would be refused for ever.
  if (!context.watches.has(ref) && context.watches.departed(ref) === undefined) return forget(ref, context);
  try {
    const stored = await read(ref, context, stop);
    await clean(ref, stored, context, stop);
    if (stored === null || stored.metadata.server.deleting || !context.watches.has(ref)) {
      return forget(ref, context);
    }
    const progress = new Progress(stored, waited, context, stop);
    try {
      context.metrics.began(ref);
      const outcome = await outcomeOf(stored, context, signals);
      if (outcome === 'stale') return 'rest';
      if (outcome.state === 'failed') countFailure(ref, outcome.failure, context.metrics);
      const untold = await tell(await progress.end(), outcome, context, stop);
      const next = nextAfter(outcome, untold, context);
      if (next === 'synced') context.outages.ended(object);
      else context.outages.settled(object);
      if (untold === undefined) context.once.forget(object);
      return next;
    } finally {
      await progress.end();
    }
  } catch (error) {
    if (stop.aborted) throw error;
    // Someone was faster; the next turn decides on what is there then.
    if (error instanceof ApiError && error.status === 409) return 'retry';
    if (error instanceof ApiError && error.status === 404 && (await isGone(ref, context, stop))) {
      return forget(ref, context);
    }
    const failure = failureOf(error, 'reconcile');
    const cause = outageOf(failure);
    const log = (): void =>
      context.log.error('a reconcile was cut short', { object, ...failureFields(failure) });
    if (cause === undefined) context.once.say(object, describe(failure), log);
    else context.outages.failed(cause, object, log);
    return cause === undefined ? 'retry' : { cause };
  }
}

async function read(ref: Ref, context: Context, signal: AbortSignal): Promise<StoredSealedSecret | null> {
  try {
    return await context.api.get(SEALED_SECRETS, ref, signal);
  } catch (error) {
    if (!signal.aborted) context.metrics.failed(ref, 'fetch');
    throw error;
  }
}

/** Whether the SealedSecret went while it was worked on. */
async function isGone(ref: Ref, { api }: Context, signal: AbortSignal): Promise<boolean> {
  return (await api.get(SEALED_SECRETS, ref, signal).catch(() => undefined)) === null;
}

/** Takes away what a SealedSecret has left that is gone, or that another of its name has taken the place of. */
async function clean(
  ref: Ref,
  stored: StoredSealedSecret | null,
  context: Context,
  signal: AbortSignal,
): Promise<void> {
  const departed = context.watches.departed(ref);
  if (departed === undefined) return;
  if (stored?.metadata.server.uid !== departed && (await collect(context, ref, departed, signal))) {
    context.log.info('Secret deleted with its SealedSecret', { object: `SealedSecret ${showRef(ref)}` });
  }
  context.watches.settled(ref, departed);
}

function forget(ref: Ref, context: Context): Next {
  context.memory.forget(ref);
  context.drift.forget(ref);
  context.keyUses.forget(ref);
  context.metrics.forget(ref);
  context.once.forget(`SealedSecret ${showRef(ref)}`);
  context.outages.ended(`SealedSecret ${showRef(ref)}`);
  return 'rest';
}

async function outcomeOf(
  stored: StoredSealedSecret,
  context: Context,
  { stop, stale }: Signals,
): Promise<Outcome | 'stale'> {
  const { metadata, sealed } = stored;
  if ('code' in sealed) return { state: 'failed', failure: sealed };
  if (isDeprecated(sealed) && !context.acceptV1Data) {
    return { state: 'failed', failure: { code: 'V1DataRefused' } };
  }
  const place = { source: `SealedSecret ${showRef(metadata)}` };
  try {
    const decrypter = context.decrypterFor(metadata);
    const result = await unseal(sealed, decrypter, context.rendererFor(metadata), place, stale);
    countUnsealed(metadata, result, context.metrics);
    context.keyUses.opened(metadata, result.ok ? result.unsealed.openedBy.values() : []);
    if (!result.ok) return { state: 'failed', failure: result.failure };
    const outcome = await apply(context, metadata, knownStatus(stored, context), result.unsealed, stop);
    return outcome.state === 'failed' ? outcome : { ...outcome, missing: result.unsealed.missing };
  } catch (error) {
    if (stop.aborted) throw error;
    if (stale.aborted) return 'stale';
    const failure =
      error instanceof RefusedWrite
        ? error.failureFor(sealed, context.showApiMessages)
        : failureOf(error, 'reconcile');
    return { state: 'failed', failure };
  }
}

/** @param untold why the status was not written */
function nextAfter(outcome: Outcome, untold: Failure | undefined, context: Context): Next {
  const failure = outcome.state === 'failed' ? outcome.failure : undefined;
  const cause = (failure && outageOf(failure)) ?? (untold && outageOf(untold));
  if (cause !== undefined) return { cause };
  if (untold) return 'retry';
  if (outcome.state === 'put off') return { after: outcome.after };
  if (failure === undefined) return 'synced';
  const { heals } = handlingOf(failure);
  if (heals === 'key') return 'key';
  return heals === 'time' || (heals === 'secret' && !context.watches.ofSecrets) ? 'retry' : 'rest';
}
