import type { IncomingHttpHeaders } from 'node:http';
import { SealedSecretsError } from '../errors.ts';

/**
 * The API server's refusal, reduced to what is safe to show: its message may quote the object that was sent, and an
 * admission webhook may put anything there.
 */
export class ApiError extends SealedSecretsError {
  readonly status: number;
  /** The one-word reason of the Kubernetes Status (`AlreadyExists`, `Conflict`, `Expired`…), or empty. */
  readonly reason: string;
  /** How long the server asks to wait, in milliseconds. */
  readonly retryAfter: number | undefined;

  constructor(what: string, status: number, body: unknown, headers: IncomingHttpHeaders = {}) {
    const told = readStatus(body);
    super({ code: 'ApiRefused', what, status, reason: told.reason, fields: told.fields });
    this.status = status;
    this.reason = told.reason;
    this.retryAfter = retryAfter(headers);
  }
}

const MAX_FIELDS = 5;

/** Reads leniently, for this may be anything: a proxy's page, a webhook's invention. */
function readStatus(body: unknown): { reason: string; fields: string[] } {
  const reason = own(body, 'reason');
  const causes = own(own(body, 'details'), 'causes');
  const fields = Array.isArray(causes) ? causes.map((cause) => own(cause, 'field')) : [];
  return {
    reason: typeof reason === 'string' && /^[A-Za-z]{1,40}$/.test(reason) ? reason : '',
    fields: fields
      .filter((field) => typeof field === 'string' && field !== '')
      .slice(0, MAX_FIELDS) as string[],
  };
}

function own(value: unknown, name: string): unknown {
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name)) return undefined;
  return (value as Record<string, unknown>)[name];
}

/** `Retry-After` in seconds, the only form that Kubernetes sends (RFC 9110, section 10.2.3). */
function retryAfter(headers: IncomingHttpHeaders): number | undefined {
  const seconds = Number(headers['retry-after']);
  return Number.isFinite(seconds) && seconds >= 0 ? seconds * 1000 : undefined;
}
