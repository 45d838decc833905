import type { Request, ResponseHead } from '../../shared/kubernetes/http/transport.ts';
import { retryAfter } from '../../shared/kubernetes/api/api-error.ts';

/** The shortest pause, in ms, and the one after an answer that names none. */
const SHORTEST = 1_000;

/**
 * Returns for how long the API server asks not to send anything, in ms: 1 to 60 s. It asks with 429, which its limits on
 * concurrent requests and API Priority and Fairness answer, or with 503 and `Retry-After`. Returns undefined for any
 * other answer.
 */
export function pauseAfter({ status, headers }: ResponseHead): number | undefined {
  const asked = retryAfter(headers);
  if (status !== 429 && (status !== 503 || asked === undefined)) return undefined;
  return Math.max(SHORTEST, asked ?? 0);
}

/** Returns whether a request that was answered with a pause can be repeated: it was not executed, or only reads. */
export function isRepeatable({ method }: Request, { status }: ResponseHead): boolean {
  return status === 429 || method === 'GET';
}
