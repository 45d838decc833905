import { fail } from '../errors.ts';
import { networkReason } from './network-error.ts';

export interface DownloadLimits {
  readonly bytes: number;
  /** For the whole answer, in milliseconds. */
  readonly time: number;
}

/** Fetches a URL as text; redirects stay within http and https. Throws `CertificateUrl`. */
export async function download(url: string, limits: DownloadLimits): Promise<string> {
  const refuse = (reason: string): never =>
    fail({ code: 'CertificateUrl', url: withoutPassword(url), reason });
  let body = Buffer.alloc(0);
  try {
    const answer = await fetch(url, { signal: AbortSignal.timeout(limits.time), redirect: 'follow' });
    if (!answer.ok) return refuse(`the server answered ${answer.status}`);
    for await (const chunk of answer.body ?? []) {
      body = Buffer.concat([body, chunk as Uint8Array]);
      if (body.length > limits.bytes) return refuse(`the answer is larger than ${limits.bytes} bytes`);
    }
  } catch (error) {
    if (error instanceof Error && 'failure' in error) throw error;
    return refuse(
      error instanceof Error && error.name === 'TimeoutError' ? 'timed out' : networkReason(error),
    );
  }
  return body.toString('utf8');
}

function withoutPassword(url: string): string {
  const shown = new URL(url);
  shown.username = '';
  shown.password = '';
  return shown.href;
}
