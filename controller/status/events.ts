import { randomBytes } from 'node:crypto';
import type { Metadata } from '../../shared/api/metadata.ts';
import { SEALED_SECRET_VERSION } from '../../shared/api/kind.ts';
import type { Api } from '../../shared/kubernetes/api/api.ts';
import { EVENTS } from '../../shared/kubernetes/api/kinds.ts';
import type { Clock } from '../../shared/clock.ts';
import { MAX_MESSAGE, shortened } from '../../shared/text.ts';

/** The content of an event, as `kubectl describe` shows it. */
export interface EventText {
  readonly type: 'Normal' | 'Warning';
  readonly reason: 'Unsealed' | 'MissingItem' | 'ErrUnsealFailed' | 'ErrUpdateFailed';
  /** Longer messages are cut to `MAX_MESSAGE` characters. */
  readonly message: string;
}

/** The maximum length of an object's name in Kubernetes. */
const MAX_NAME = 253;

/**
 * Records an event on a SealedSecret.
 *
 * @throws ApiError when the API server refuses the event
 */
export async function recordEvent(
  { object, event }: { readonly object: Metadata; readonly event: EventText },
  { api, clock }: { readonly api: Api; readonly clock: Clock },
  signal: AbortSignal,
): Promise<void> {
  const { namespace, name } = object;
  const suffix = `.${randomBytes(8).toString('hex')}`;
  const ref = { namespace, name: name.slice(0, MAX_NAME - suffix.length) + suffix };
  const time = `${clock.now().toISOString().slice(0, 19)}Z`;
  const body = {
    apiVersion: 'v1',
    kind: 'Event',
    metadata: ref,
    involvedObject: {
      apiVersion: SEALED_SECRET_VERSION,
      kind: 'SealedSecret',
      namespace,
      name,
      uid: object.server.uid,
      resourceVersion: object.server.resourceVersion,
    },
    type: event.type,
    reason: event.reason,
    message: shortened(event.message, MAX_MESSAGE),
    source: { component: 'sealed-secrets' },
    firstTimestamp: time,
    lastTimestamp: time,
    count: 1,
  };
  await api.write({ verb: 'create', kind: EVENTS, ref, body }, signal);
}
