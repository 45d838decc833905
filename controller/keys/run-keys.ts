import { SECRET_METADATA } from '../../shared/kubernetes/api/kinds.ts';
import { DedupLogger } from '../log/dedup-logger.ts';
import { Reflector } from '../informer/reflector.ts';
import type { WatchObserver } from '../informer/watch-observer.ts';
import { KeyManager, type KeyManagerContext } from './key-manager.ts';
import { KeySink, keyQueries } from './key-sink.ts';

/** What `runKeys` needs. */
export interface RunKeysContext extends KeyManagerContext {
  /** Returns the observer of one more watch. */
  readonly observer: () => WatchObserver;
}

/**
 * Watches the key Secrets, keeps the keys in line with them and generates the keys that are due, until the signal
 * aborts. Returns the function that asks for a new key, and the promise of the end.
 */
export function runKeys(
  { observer, ...context }: RunKeysContext,
  signal: AbortSignal,
): { readonly renew: () => void; readonly done: Promise<unknown> } {
  const { api, options, clock, log } = context;
  const manager = new KeyManager(context);
  const forbiddenLog = new DedupLogger();
  const watches = keyQueries(options).map((query) => {
    const sink = new KeySink(() => manager.changed());
    const kind = SECRET_METADATA;
    return new Reflector({ api, kind, query, sink, clock, log, observer: observer(), forbiddenLog });
  });
  const done = Promise.all([manager, ...watches].map((each) => each.run(signal)));
  return { renew: () => manager.renew(), done };
}
