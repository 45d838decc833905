import { fail, SealedSecretsError } from '../errors.ts';
import { networkReason } from './network-error.ts';

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

/** Fetches a URL as text; redirects stay within http and https. Throws `CertificateUrl`. */
export async function download(url: URL, limits: DownloadLimits): Promise<Downloaded> {
  const signal = AbortSignal.timeout(limits.time);
  let plain = false;
  for (let hop = url, count = 0; ; count++) {
    plain ||= hop.protocol === 'http:';
    const answer = await get(hop, signal);
    const location = answer.headers.get('location');
    if (answer.status < 300 || answer.status > 399 || location === null) {
      return { text: await read(answer, hop, limits), plain };
    }
    if (count === MAX_REDIRECTS) refuse(url, 'it is redirected again and again');
    if (!URL.canParse(location, hop.href)) refuse(hop, 'it is redirected to no URL');
    // A login is for the place that it was given with.
    hop = withoutLogin(new URL(location, hop));
    if (hop.protocol !== 'http:' && hop.protocol !== 'https:')
      refuse(url, `it is redirected to ${hop.protocol}`);
  }
}

/** `fetch` itself refuses a URL with a name and password. */
async function get(url: URL, signal: AbortSignal): Promise<Response> {
  const bare = withoutLogin(url);
  const login = `${decoded(url.username)}:${decoded(url.password)}`;
  const headers = login === ':' ? {} : { authorization: `Basic ${Buffer.from(login).toString('base64')}` };
  try {
    return await fetch(bare, { signal, redirect: 'manual', headers });
  } catch (error) {
    return failed(url, error);
  }
}

function withoutLogin(url: URL): URL {
  const bare = new URL(url);
  bare.username = '';
  bare.password = '';
  return bare;
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    // A percent sign that stands for itself.
    return part;
  }
}

async function read(answer: Response, url: URL, limits: DownloadLimits): Promise<string> {
  if (!answer.ok) refuse(url, `the server answered ${answer.status}`);
  const chunks: Uint8Array[] = [];
  let size = 0;
  try {
    for await (const chunk of answer.body ?? []) {
      const bytes = chunk as Uint8Array;
      size += bytes.length;
      if (size > limits.bytes) refuse(url, `the answer is larger than ${limits.bytes} bytes`);
      chunks.push(bytes);
    }
  } catch (error) {
    return failed(url, error);
  }
  return Buffer.concat(chunks).toString('latin1');
}

function failed(url: URL, error: unknown): never {
  if (error instanceof SealedSecretsError) throw error;
  const timedOut = error instanceof Error && error.name === 'TimeoutError';
  return refuse(url, timedOut ? 'timed out' : networkReason(error));
}

/** Neither a password nor a query is shown: both may hold a token. */
function refuse({ origin, pathname }: URL, reason: string): never {
  return fail({ code: 'CertificateUrl', url: origin + pathname, reason });
}
