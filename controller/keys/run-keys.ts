import type { Api } from '../../shared/kubernetes/api/api.ts';
import { SECRET_METADATA } from '../../shared/kubernetes/api/kinds.ts';
import type { WriteGate } from '../../shared/kubernetes/api/write-gate.ts';
import type { Clock } from '../../shared/clock.ts';
import type { Log } from '../log/log.ts';
import { DedupLogger } from '../log/dedup-logger.ts';
import { Reflector, type WatchObserver } from '../informer/reflector.ts';
import { KeyManager } from './key-manager.ts';
import type { KeyListener } from './key-event-logger.ts';
import type { KeyOptions } from './key-options.ts';
import { KeySink, keyQueries } from './key-sink.ts';
import type { SealingKeys } from './sealing-keys.ts';

/**
 * Keeps `keys` up to date with their Secrets, and makes those that are due, until the signal is aborted. `listener`
 * is called when they change; `observer` gives who is told how one more watch goes. Gives
 * the function that asks for a new key.
 */
export function runKeys(
  api: Api,
  gate: WriteGate,
  keys: SealingKeys,
  options: KeyOptions,
  clock: Clock,
  log: Log,
  listener: KeyListener,
  observer: () => WatchObserver,
  signal: AbortSignal,
): { readonly renew: () => void; readonly kept: Promise<unknown> } {
  const keeper = new KeyManager(api, gate, keys, options, clock, log, listener);
  const notices = new DedupLogger();
  const watches = keyQueries(options).map((query) => {
    const sink = new KeySink(() => keeper.changed());
    const kind = SECRET_METADATA;
    return new Reflector({ api, kind, query, sink, clock, log, observer: observer(), notices });
  });
  const kept = Promise.all([keeper, ...watches].map((each) => each.run(signal)));
  return { renew: () => keeper.renew(), kept };
}
