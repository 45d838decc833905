import type { IncomingMessage } from 'node:http';
import { isIP } from 'node:net';

/** The sender of a request. Budgets are split by peer first, so a peer gains nothing by inventing `forwardedFor`. */
export interface Client {
  /** The address of the TCP peer. */
  readonly peer: string;
  /** The address that the peer names as its own client; empty if it names none. */
  readonly forwardedFor: string;
}

/** The length of the longest IPv6 address in text form. */
const LONGEST_ADDRESS = 45;

/**
 * Returns the client of a request. Only the last entry of X-Forwarded-For counts: a proxy, such as the API server,
 * appends it, and its callers can forge the entries before it. An entry that is not an IP address is ignored.
 */
export function clientOf({ socket, headers }: IncomingMessage): Client {
  const entry = String(headers['x-forwarded-for'] ?? '')
    .split(',')
    .at(-1)
    ?.trim();
  const isAddress = entry !== undefined && entry.length <= LONGEST_ADDRESS && isIP(entry) !== 0;
  return { peer: socket.remoteAddress ?? '', forwardedFor: isAddress ? entry : '' };
}
