import type { Ref } from '../../shared/kubernetes/api/ref.ts';

/** Reconciles one object. Rejects only when `signals.stop` aborts. */
export type Reconciler = (ref: Ref, signals: Signals) => Promise<Result>;

/** Signals that end a reconcile early. */
export interface Signals {
  /** Aborts when the controller stops. */
  readonly stop: AbortSignal;
  /** Aborts when the controller stops, or when the object changes and its old state need not be unsealed any more. */
  readonly stale: AbortSignal;
}

/**
 * When to reconcile an object again. Every result allows for an earlier reconcile if the object or its Secret changes.
 * - `synced`: never; the Secret is up to date
 * - `never`: never; nothing but a change helps
 * - `onNewKey`: when a sealing key is added
 * - `backoff`: after a back-off
 * - `cause`: after a back-off that ends early if another object with the same cause succeeds
 * - `after`: after this many ms
 */
export type Result =
  'synced' | 'never' | 'onNewKey' | 'backoff' | { readonly cause: string } | { readonly after: number };
