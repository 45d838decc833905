import type { IncomingMessage } from 'node:http';
import { Deadline } from '../../clock.ts';
import { SealedSecretsError } from '../../errors.ts';
import { fail } from '../errors.ts';
import { agentFor } from './agent.ts';
import { networkReason } from './network-error.ts';
import { environmentProxy, loginHeader } from './proxy.ts';
import { bytesUpTo } from './response-body.ts';
import { send } from './send.ts';
import { systemRoots, type Roots } from './system-roots.ts';

/** The bounds of one download. */
export interface DownloadLimits {
  /** The largest accepted body, in bytes. */
  readonly bytes: number;
  /** The time limit of the whole download, redirects included, in ms. */
  readonly time: number;
}

/** A downloaded body. */
export interface Downloaded {
  /** The body, decoded as Latin-1. */
  readonly text: string;
  /** Whether any hop used plain http. */
  readonly plain: boolean;
}

const MAX_REDIRECTS = 5;

/** The state that all requests of one download share. */
interface DownloadContext {
  readonly environment: NodeJS.ProcessEnv;
  readonly roots: Roots;
  readonly deadline: Deadline;
}

/**
 * Fetches a URL as text, through the proxies that the environment names. Follows redirects within http and https, and
 * sends a login only to the origin that it was given for. Throws `CertificateUrl`, `BadProxy`, or `BadTrustStore`.
 */
export async function download(
  url: URL,
  limits: DownloadLimits,
  environment: NodeJS.ProcessEnv,
): Promise<Downloaded> {
  const deadline = new Deadline(limits.time);
  const context = { environment, roots: systemRoots(environment), deadline };
  try {
    let plain = false;
    for (let hop = url, count = 0; ; count++) {
      plain ||= hop.protocol === 'http:';
      const response = await get(hop, limits, context);
      if ('text' in response) return { text: response.text, plain };
      if (count === MAX_REDIRECTS) refuse(url, 'too many redirects');
      hop = redirected(hop, response.location);
    }
  } finally {
    deadline.clear();
  }
}

function redirected(from: URL, location: string): URL {
  if (!URL.canParse(location, from.href)) return refuse(from, 'redirected to an invalid URL');
  const to = new URL(location, from);
  if (to.protocol !== 'http:' && to.protocol !== 'https:') {
    return refuse(from, `redirected to ${to.protocol}`);
  }
  // The login is for the origin that the user gave it for. A login in the redirect itself is ignored.
  const sameOrigin = to.origin === from.origin;
  to.username = sameOrigin ? from.username : '';
  to.password = sameOrigin ? from.password : '';
  return to;
}

/** Sends one request and returns the text, or the location of a redirect. Closes its connection. */
async function get(
  url: URL,
  limits: DownloadLimits,
  { environment, roots, deadline }: DownloadContext,
): Promise<{ readonly text: string } | { readonly location: string }> {
  const proxy = environmentProxy(url, environment);
  const agent = agentFor({ secure: url.protocol === 'https:', tls: {}, proxy, roots });
  const headers = { accept: '*/*', 'user-agent': 'sealed-secrets', ...loginHeader('authorization', url) };
  try {
    const response = await send({ method: 'GET', url, headers }, { agent, proxy, deadline });
    const { statusCode: status = 0 } = response;
    const { location } = response.headers;
    if (status >= 300 && status <= 399 && location !== undefined) return { location };
    if (status < 200 || status > 299) refuse(url, `the server answered ${status}`);
    return { text: await read(response, url, limits) };
  } catch (error) {
    if (error instanceof SealedSecretsError) throw error;
    return refuse(url, deadline.expired ? 'timed out' : networkReason(error));
  } finally {
    agent.destroy();
  }
}

async function read(response: IncomingMessage, url: URL, limits: DownloadLimits): Promise<string> {
  const bytes = await bytesUpTo(limits.bytes, response);
  if (bytes === undefined) return refuse(url, `the answer is larger than ${limits.bytes} bytes`);
  return bytes.toString('latin1');
}

/** Throws `CertificateUrl`. Shows neither the login nor the query, since both may hold a token. */
function refuse({ origin, pathname }: URL, reason: string): never {
  return fail({ code: 'CertificateUrl', url: origin + pathname, reason });
}
