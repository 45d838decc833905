import { randomBytes } from 'node:crypto';
import type { Metadata } from '../../shared/api/metadata.ts';
import { SEALED_SECRET_VERSION } from '../../shared/api/kind.ts';
import type { Api } from '../../shared/kubernetes/api/api.ts';
import { EVENTS } from '../../shared/kubernetes/api/kinds.ts';
import type { Clock } from '../../shared/clock.ts';
import { MAX_MESSAGE, shortened } from '../../shared/text.ts';

/** What `kubectl describe` shows of a SealedSecret's past. */
export interface EventText {
  readonly type: 'Normal' | 'Warning';
  readonly reason: 'Unsealed' | 'MissingItem' | 'ErrUnsealFailed' | 'ErrUpdateFailed';
  readonly message: string;
}

const MAX_NAME = 253;

/** Records an event on a SealedSecret. */
export async function recordEvent(
  api: Api,
  clock: Clock,
  about: Metadata,
  text: EventText,
  signal: AbortSignal,
): Promise<void> {
  const suffix = `.${randomBytes(8).toString('hex')}`;
  const ref = { namespace: about.namespace, name: about.name.slice(0, MAX_NAME - suffix.length) + suffix };
  const time = `${clock.now().toISOString().slice(0, 19)}Z`;
  const body = {
    apiVersion: 'v1',
    kind: 'Event',
    metadata: ref,
    involvedObject: {
      apiVersion: SEALED_SECRET_VERSION,
      kind: 'SealedSecret',
      namespace: about.namespace,
      name: about.name,
      uid: about.server.uid,
      resourceVersion: about.server.resourceVersion,
    },
    type: text.type,
    reason: text.reason,
    message: shortened(text.message, MAX_MESSAGE),
    source: { component: 'sealed-secrets' },
    firstTimestamp: time,
    lastTimestamp: time,
    count: 1,
  };
  await api.write({ verb: 'create', kind: EVENTS, ref, body }, signal);
}
