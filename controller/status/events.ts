import { randomBytes } from 'node:crypto';
import { formatTime } from '../../shared/clock.ts';
import type { Metadata } from '../../shared/api/metadata.ts';
import { SEALED_SECRET_VERSION } from '../../shared/api/kind.ts';
import { showRef, type Ref } from '../../shared/kubernetes/api/api.ts';
import { MAX_MESSAGE, shortened } from '../../shared/text.ts';

/** The content of an event, as `kubectl describe` shows it. */
export interface EventText {
  readonly type: 'Normal' | 'Warning';
  readonly reason: 'Unsealed' | 'MissingItem' | 'ErrUnsealFailed' | 'ErrUpdateFailed' | 'KeyKept';
  /** Longer messages are cut to `MAX_MESSAGE` characters. */
  readonly message: string;
  /** What the object is; a SealedSecret by default. */
  readonly about?: { readonly apiVersion: string; readonly kind: string };
}

const SEALED_SECRET = { apiVersion: SEALED_SECRET_VERSION, kind: 'SealedSecret' };

/** An object that an event is on. */
export type EventObject = Pick<Metadata, 'namespace' | 'name'> & {
  readonly server: Pick<Metadata['server'], 'uid' | 'resourceVersion'>;
};

/** The maximum length of an object's name in Kubernetes. */
const MAX_NAME = 253;
/** The memory of an event without its texts, in bytes. */
const OVERHEAD = 512;

/** An event that is to be created. */
export interface NewEvent {
  /** Its namespace and its own name, which is unique. */
  readonly ref: Ref;
  readonly body: object;
  /** The object, for log lines. */
  readonly object: string;
  /** How much memory it takes at most, in bytes. */
  readonly bytes: number;
}

/** Returns an event on an object. It keeps nothing else of the object. */
export function eventOn(
  object: EventObject,
  { type, reason, message, about = SEALED_SECRET }: EventText,
  now: Date,
): NewEvent {
  const { namespace, name } = object;
  const suffix = `.${randomBytes(8).toString('hex')}`;
  const ref = { namespace, name: name.slice(0, MAX_NAME - suffix.length) + suffix };
  const time = formatTime(now);
  const { uid, resourceVersion } = object.server;
  const short = shortened(message, MAX_MESSAGE);
  const body = {
    apiVersion: 'v1',
    kind: 'Event',
    metadata: ref,
    involvedObject: {
      ...about,
      namespace,
      name,
      uid,
      resourceVersion,
    },
    type,
    reason,
    message: short,
    source: { component: 'sealed-secrets' },
    firstTimestamp: time,
    lastTimestamp: time,
    count: 1,
  };
  // V8 takes up to two bytes a character.
  const bytes = OVERHEAD + 2 * (short.length + 2 * ref.name.length + 4 * (namespace.length + name.length));
  return { ref, body, object: `${about.kind} ${showRef(object)}`, bytes };
}
