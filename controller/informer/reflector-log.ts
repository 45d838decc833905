import { showRef, type Query, type Ref } from '../../shared/kubernetes/api/api.ts';
import type { Kind } from '../../shared/kubernetes/api/kinds.ts';
import { type Failure } from '../../shared/errors.ts';
import { failureFields, type Log } from '../log/log.ts';
import { DedupLogger } from '../log/dedup-logger.ts';
import { isKubernetesFailure } from '../../shared/kubernetes/errors.ts';

/** What a reflector does when a request fails. */
export type Phase = 'list' | 'watch';

/** Options of `ReflectorLog`. */
export interface ReflectorLogOptions {
  readonly log: Log;
  readonly kind: Kind<unknown>;
  readonly query: Query;
  /** Reflectors that share it log only once that listing or watching is forbidden. */
  readonly forbiddenLog: DedupLogger;
}

/** The subject of messages that are about the watch and not about an object. */
const THE_WATCH = 'watch';

/** Logs the failures of one reflector, each only once until it ends or changes. */
export class ReflectorLog {
  readonly #log: Log;
  readonly #kind: Kind<unknown>;
  readonly #query: Query;
  /** By `NAMESPACE/NAME`. */
  readonly #objectLog = new DedupLogger();
  readonly #watchLog = new DedupLogger();
  readonly #forbiddenLog: DedupLogger;
  /** Whether this reflector logged the message that `#forbiddenLog` remembers. */
  #loggedForbidden = false;

  constructor({ log, kind, query, forbiddenLog }: ReflectorLogOptions) {
    this.#log = log;
    this.#kind = kind;
    this.#query = query;
    this.#forbiddenLog = forbiddenLog;
  }

  /** Logs that an object cannot be read. */
  unreadable(ref: Ref, failure: Failure): void {
    const object = showRef(ref);
    const fields = { object, ...failureFields(failure) };
    this.#objectLog.log(object, failure.describe(), () => this.#log.error('failed to read object', fields));
  }

  /** Forgets the messages about an object that was read or deleted. */
  forget(ref: Ref): void {
    this.#objectLog.forget(showRef(ref));
  }

  /** Forgets the messages about all objects but these, by `NAMESPACE/NAME`. */
  keepOnly(objects: ReadonlySet<string>): void {
    this.#objectLog.keepOnly(objects);
  }

  /** Logs that the API server's state is older than the state the reflector has seen. */
  wentBack(): void {
    const { kind, plural } = this.#kind;
    const words = `the API server has an older state of ${plural} than was seen before; listing them again`;
    this.#log.warn(words, { kind, namespace: this.#query.namespace });
  }

  /** Logs that a list or a watch failed. */
  failed(phase: Phase, failure: Failure): void {
    const dedup = isForbidden(failure) ? this.#forbiddenLog : this.#watchLog;
    dedup.log(THE_WATCH, `${phase} ${failure.describe()}`, () => this.#write(phase, failure));
  }

  /** Forgets the messages about the watch, because it works again. */
  recovered(): void {
    this.#watchLog.forget(THE_WATCH);
    if (this.#loggedForbidden) this.#forbiddenLog.forget(THE_WATCH);
    this.#loggedForbidden = false;
  }

  #write(phase: Phase, failure: Failure): void {
    const { kind, plural } = this.#kind;
    const { namespace, labelSelector, fieldSelector } = this.#query;
    const fields = { kind, namespace, selector: labelSelector || fieldSelector, ...failureFields(failure) };
    if (isForbidden(failure)) {
      this.#loggedForbidden = true;
      const words =
        phase === 'watch'
          ? `not allowed to watch ${plural}; listing them every minute instead`
          : `not allowed to list ${plural}; ignoring them until RBAC permits it`;
      this.#log.warn(words, fields);
    } else if (refusedStatus(failure) === 404) {
      const words = `the API server does not serve ${plural}; is the CustomResourceDefinition installed?`;
      this.#log.error(words, fields);
    } else {
      this.#log.warn(`watch of ${plural} interrupted; retrying`, fields);
    }
  }
}

function isForbidden(failure: Failure): boolean {
  return refusedStatus(failure) === 403;
}

/** Returns the HTTP status with which the API server refused a request; undefined for other failures. */
function refusedStatus(failure: Failure): number | undefined {
  return isKubernetesFailure(failure) && failure.details.code === 'ApiRefused'
    ? failure.details.status
    : undefined;
}
