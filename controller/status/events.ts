import { randomBytes } from 'node:crypto';
import type { Metadata } from '../../shared/api/metadata.ts';
import { SEALED_SECRET_VERSION } from '../../shared/api/kind.ts';
import type { Ref } from '../../shared/kubernetes/api/api.ts';
import { MAX_MESSAGE, shortened } from '../../shared/text.ts';
import { subjectOf } from '../log/subject.ts';

/** The content of an event, as `kubectl describe` shows it. */
export interface EventText {
  readonly type: 'Normal' | 'Warning';
  readonly reason: 'Unsealed' | 'MissingItem' | 'ErrUnsealFailed' | 'ErrUpdateFailed';
  /** Longer messages are cut to `MAX_MESSAGE` characters. */
  readonly message: string;
}

/** The maximum length of an object's name in Kubernetes. */
const MAX_NAME = 253;
/** The memory of an event without its texts, in bytes. */
const OVERHEAD = 512;

/** An event that is to be created. */
export interface NewEvent {
  /** Its namespace and its own name, which is unique. */
  readonly ref: Ref;
  readonly body: object;
  /** The SealedSecret, for log lines. */
  readonly object: string;
  /** How much memory it takes at most, in bytes. */
  readonly bytes: number;
}

/** Returns an event on a SealedSecret. It keeps nothing else of the object. */
export function eventOn(object: Metadata, { type, reason, message }: EventText, now: Date): NewEvent {
  const { namespace, name } = object;
  const suffix = `.${randomBytes(8).toString('hex')}`;
  const ref = { namespace, name: name.slice(0, MAX_NAME - suffix.length) + suffix };
  const time = `${now.toISOString().slice(0, 19)}Z`;
  const { uid, resourceVersion } = object.server;
  const short = shortened(message, MAX_MESSAGE);
  const body = {
    apiVersion: 'v1',
    kind: 'Event',
    metadata: ref,
    involvedObject: {
      apiVersion: SEALED_SECRET_VERSION,
      kind: 'SealedSecret',
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
  return { ref, body, object: subjectOf(object), bytes };
}
