import type { Api, Query } from '../../shared/kubernetes/api/api.ts';
import { SECRET_METADATA } from '../../shared/kubernetes/api/kinds.ts';
import type { Clock } from '../../shared/clock.ts';
import { DedupLogger } from '../log/dedup-logger.ts';
import type { Log } from '../log/log.ts';
import { Reflector } from '../informer/reflector.ts';
import type { WatchObserver } from '../informer/watch-observer.ts';
import type { KeyOptions } from './key-options.ts';
import { ALL_KEYS } from './key-secret.ts';
import { KeySink } from './key-sink.ts';

/** What the watches of key Secrets need. */
export interface KeyWatchContext {
  readonly api: Api;
  readonly options: KeyOptions;
  readonly clock: Clock;
  readonly log: Log;
  /** Returns the observer of one more watch. */
  readonly observer: () => WatchObserver;
  /** Called when key Secrets may have changed. */
  readonly onChange: () => void;
}

/** Returns the watches of key Secrets: of those labelled as keys in any state, and of the legacy key. */
export function keyWatches({
  options,
  observer,
  onChange,
  ...context
}: KeyWatchContext): readonly Reflector[] {
  const forbiddenLog = new DedupLogger();
  return keyQueries(options).map((query) => {
    const sink = new KeySink(onChange);
    return new Reflector({
      ...context,
      kind: SECRET_METADATA,
      refOf: (secret) => secret,
      query,
      sink,
      observer: observer(),
      forbiddenLog,
    });
  });
}

function keyQueries({ namespace, prefix }: KeyOptions): readonly Query[] {
  return [
    { namespace, labelSelector: ALL_KEYS },
    { namespace, fieldSelector: `metadata.name=${prefix}` },
  ];
}
