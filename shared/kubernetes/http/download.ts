import type { IncomingMessage } from 'node:http';
import { Deadline } from '../../clock.ts';
import { fail, SealedSecretsError } from '../../errors.ts';
import { agentFor } from './agent.ts';
import { networkReason } from './network-error.ts';
import { environmentProxy, loginHeader } from './proxy.ts';
import { send } from './send.ts';
import { systemRoots, type Roots } from './system-roots.ts';

export interface DownloadLimits {
  readonly bytes: number;
  /** For the whole answer, in milliseconds. */
  readonly time: number;
}

export interface Downloaded {
  readonly text: string;
  /** Whether any part of the way was plain http. */
  readonly plain: boolean;
}

const MAX_REDIRECTS = 5;

/** What all requests of one download share. */
interface Way {
  readonly environment: NodeJS.ProcessEnv;
  readonly roots: Roots;
  readonly deadline: Deadline;
}

/**
 * Fetches a URL as text, by the proxies of the environment; redirects stay within http and https, and take a login
 * along only within one origin. Throws `CertificateUrl`, `BadProxy`, or `BadTrustStore`.
 */
export async function download(
  url: URL,
  limits: DownloadLimits,
  environment: NodeJS.ProcessEnv,
): Promise<Downloaded> {
  const deadline = new Deadline(limits.time);
  const way = { environment, roots: systemRoots(environment), deadline };
  try {
    let plain = false;
    for (let hop = url, count = 0; ; count++) {
      plain ||= hop.protocol === 'http:';
      const step = await get(hop, limits, way);
      if ('text' in step) return { text: step.text, plain };
      if (count === MAX_REDIRECTS) refuse(url, 'it is redirected again and again');
      hop = redirected(hop, step.location);
    }
  } finally {
    deadline.clear();
  }
}

function redirected(from: URL, location: string): URL {
  if (!URL.canParse(location, from.href)) return refuse(from, 'it is redirected to no URL');
  const to = new URL(location, from);
  if (to.protocol !== 'http:' && to.protocol !== 'https:') {
    return refuse(from, `it is redirected to ${to.protocol}`);
  }
  // A login is for the place that it was given with; one in the redirect is the server's own idea.
  const same = to.origin === from.origin;
  to.username = same ? from.username : '';
  to.password = same ? from.password : '';
  return to;
}

/** One answer: the text, or where it is instead. Its connection ends with it. */
async function get(
  url: URL,
  limits: DownloadLimits,
  { environment, roots, deadline }: Way,
): Promise<{ readonly text: string } | { readonly location: string }> {
  const proxy = environmentProxy(url, environment);
  const agent = agentFor({ secure: url.protocol === 'https:', tls: {}, proxy, roots });
  const headers = { accept: '*/*', 'user-agent': 'sealed-secrets', ...loginHeader('authorization', url) };
  try {
    const answer = await send({ method: 'GET', url, headers }, agent, proxy, deadline.signal);
    const { statusCode: status = 0 } = answer;
    const { location } = answer.headers;
    if (status >= 300 && status <= 399 && location !== undefined) return { location };
    if (status < 200 || status > 299) refuse(url, `the server answered ${status}`);
    return { text: await read(answer, url, limits) };
  } catch (error) {
    if (error instanceof SealedSecretsError) throw error;
    return refuse(url, deadline.expired ? 'timed out' : networkReason(error));
  } finally {
    agent.destroy();
  }
}

async function read(answer: IncomingMessage, url: URL, limits: DownloadLimits): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of answer as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > limits.bytes) refuse(url, `the answer is larger than ${limits.bytes} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('latin1');
}

/** Neither a password nor a query is shown: both may hold a token. */
function refuse({ origin, pathname }: URL, reason: string): never {
  return fail({ code: 'CertificateUrl', url: origin + pathname, reason });
}
