/** Why a list failed: it is forbidden, the cluster does not have the kind, or for another, possibly temporary reason. */
export type ListFailure = 'forbidden' | 'missing' | 'failed';

/** Receives the events of one reflector, for metrics and readiness. */
export interface WatchObserver {
  /** The reflector starts its next cycle, after a watch ended or a request failed. */
  restarted(): void;
  /** A list is complete. */
  listed(): void;
  /** A list failed and will be retried. */
  listFailed(failure: ListFailure): void;
  /** The API server sent data: an object, a change or a bookmark. */
  heard(): void;
  /** An object was skipped because it is too large. */
  skipped(): void;
}

/** Ignores all events. */
export const NO_OBSERVER: WatchObserver = {
  restarted: () => undefined,
  listed: () => undefined,
  listFailed: () => undefined,
  heard: () => undefined,
  skipped: () => undefined,
};
