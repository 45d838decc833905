import type { Ref } from '../../shared/kubernetes/api/ref.ts';
import type { ConnectionOptions } from '../connection.ts';
import type { Fields } from '../log/log.ts';
import type { ElectionTiming } from './settings.ts';

/** What the election thread gets at its start. */
export interface ElectionThreadData {
  readonly connection: ConnectionOptions;
  /** The Lease. */
  readonly ref: Ref;
  readonly identity: string;
  readonly timing: ElectionTiming;
  /** The buffer of the `SharedTerm`. */
  readonly term: SharedArrayBuffer;
}

/** A message of the election thread. */
export type FromElection =
  | { readonly kind: 'begun' | 'ended'; readonly term: number }
  | {
      readonly kind: 'log';
      readonly level: 'info' | 'warn';
      readonly message: string;
      readonly fields: Fields;
    };

/** A message to the election thread: release the Lease and exit, or end a term that the main thread saw expire. */
export type ToElection = { readonly kind: 'stop' } | { readonly kind: 'expired'; readonly term: number };
