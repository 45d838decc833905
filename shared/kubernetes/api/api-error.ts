import type { IncomingHttpHeaders } from 'node:http';
import { SealedSecretsError } from '../../errors.ts';
import { messageIn, refusalIn, type Refusal } from './refusal.ts';

/** The API server's refusal. Its failure has what is safe to show of every object; see refusal.ts. */
export class ApiError extends SealedSecretsError {
  /** What was asked for: a verb and an object. */
  readonly what: string;
  readonly status: number;
  /** The one-word reason of the Kubernetes Status (`AlreadyExists`, `Conflict`, `Expired`…), or empty. */
  readonly reason: string;
  /** How long the server asks to wait, in milliseconds. */
  readonly retryAfter: number | undefined;
  /** Private, so that nothing prints it. */
  readonly #body: unknown;

  constructor(what: string, status: number, body: unknown, headers: IncomingHttpHeaders = {}) {
    const { reason, fields, cause } = refusalIn(body);
    super({ code: 'ApiRefused', what, status, reason, fields, ...(cause === undefined ? {} : { cause }) });
    this.what = what;
    this.status = status;
    this.reason = reason;
    this.#body = body;
    this.retryAfter = retryAfter(headers);
  }

  /** Returns what can be told where the names of these items are known anyway. */
  refusal(items: ReadonlySet<string>): Refusal {
    return refusalIn(this.#body, items);
  }

  /** Returns the API server's own words, which may quote any value of the object that was sent or was there. */
  unsafeMessage(): string {
    return messageIn(this.#body);
  }
}

/** No server's wish keeps us waiting longer, in seconds. */
const LONGEST_WAIT = 60;

/** `Retry-After` in seconds, the only form that Kubernetes sends (RFC 9110, section 10.2.3), as milliseconds. */
export function retryAfter(headers: IncomingHttpHeaders): number | undefined {
  const seconds = Number(headers['retry-after']);
  return Number.isFinite(seconds) && seconds >= 0 ? Math.min(seconds, LONGEST_WAIT) * 1000 : undefined;
}
