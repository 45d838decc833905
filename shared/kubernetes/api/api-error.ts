import type { IncomingHttpHeaders } from 'node:http';
import { SealedSecretsError } from '../../errors.ts';
import { kubernetesFailure } from '../errors.ts';
import { messageIn, refusalIn, type Refusal } from './refusal.ts';

/** A response with an error status. */
export interface ErrorResponse {
  readonly status: number;
  /** The parsed body; undefined if it is not JSON. */
  readonly body: unknown;
  readonly headers?: IncomingHttpHeaders;
}

/** An error response of the API server. Its failure holds only what is safe to show; see refusal.ts. */
export class ApiError extends SealedSecretsError {
  /** The operation: a verb and an object. */
  readonly what: string;
  readonly status: number;
  /** The one-word reason of the Kubernetes Status (`AlreadyExists`, `Conflict`, `Expired`…), or empty. */
  readonly reason: string;
  /** How long the server asks to wait before a retry, in ms. */
  readonly retryAfter: number | undefined;
  /** Private, so that logging the error does not print it. */
  readonly #body: unknown;

  constructor(what: string, { status, body, headers = {} }: ErrorResponse) {
    const { reason, fields, cause } = refusalIn(body);
    super(
      kubernetesFailure({
        code: 'ApiRefused',
        what,
        status,
        reason,
        fields,
        ...(cause === undefined ? {} : { cause }),
      }),
    );
    this.what = what;
    this.status = status;
    this.reason = reason;
    this.#body = body;
    this.retryAfter = retryAfter(headers);
  }

  /** Returns the safe part of the response. Names of the given items may appear in it. */
  refusal(items: ReadonlySet<string>): Refusal {
    return refusalIn(this.#body, items);
  }

  /** Returns the API server's message, which may quote any value of the sent or the stored object. */
  unsafeMessage(): string {
    return messageIn(this.#body);
  }
}

/** The longest honoured `Retry-After`, in seconds. */
const LONGEST_WAIT = 60;

/**
 * Returns `Retry-After` in ms, at most 60 s. Understands seconds only, the form that Kubernetes sends (RFC 9110, section
 * 10.2.3).
 */
export function retryAfter(headers: IncomingHttpHeaders): number | undefined {
  const seconds = Number(headers['retry-after']);
  return Number.isFinite(seconds) && seconds >= 0 ? Math.min(seconds, LONGEST_WAIT) * 1000 : undefined;
}
