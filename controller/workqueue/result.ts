import type { Ref } from '../../shared/kubernetes/api/ref.ts';

/** Reconciles one object. Rejects only when `signals.stop` aborts. */
export type Reconciler = (ref: Ref, signals: Signals) => Promise<Result>;

/** Ends the work on an object early. */
export interface Signals {
  /** Aborts when the controller stops. */
  readonly stop: AbortSignal;
  /** Aborts when the controller stops, or when the object has changed, so that its old state need not be unsealed. */
  readonly stale: AbortSignal;
}

/**
 * When to reconcile an object again:
 * - `synced`: when something changes; the object is as it should be
 * - `rest`: when something changes
 * - `key`: when a sealing key is added
 * - `retry`: after a back-off
 * - `cause`: after a back-off; other objects may fail with the same cause and recover together
 * - `after`: after this many milliseconds
 */
export type Result =
  'synced' | 'rest' | 'key' | 'retry' | { readonly cause: string } | { readonly after: number };
