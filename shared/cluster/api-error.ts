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
/** The fields of what we write, without what stands in brackets behind: a webhook may put a value there. */
const KNOWN_FIELD =
  /^(metadata(\.(name|namespace|labels|annotations|finalizers|ownerReferences))?|data|type|immutable|status)(?=$|[.[])/;
/** No server's wish keeps us waiting longer, in seconds. */
const LONGEST_WAIT = 60;

/** Reads leniently, for this may be anything: a proxy's page, a webhook's invention. */
function readStatus(body: unknown): { reason: string; fields: string[] } {
  const reason = own(body, 'reason');
  const causes = own(own(body, 'details'), 'causes');
  const fields = Array.isArray(causes) ? causes.map((cause) => own(cause, 'field')) : [];
  return {
    reason: typeof reason === 'string' && /^[A-Za-z]{1,40}$/.test(reason) ? reason : '',
    fields: fields.flatMap((field) => KNOWN_FIELD.exec(String(field))?.[0] ?? []).slice(0, MAX_FIELDS),
  };
}

function own(value: unknown, name: string): unknown {
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name)) return undefined;
  return (value as Record<string, unknown>)[name];
}

/** `Retry-After` in seconds, the only form that Kubernetes sends (RFC 9110, section 10.2.3), as milliseconds. */
export function retryAfter(headers: IncomingHttpHeaders): number | undefined {
  const seconds = Number(headers['retry-after']);
  return Number.isFinite(seconds) && seconds >= 0 ? Math.min(seconds, LONGEST_WAIT) * 1000 : undefined;
}
