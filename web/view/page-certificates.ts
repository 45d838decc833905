import type { NamedCertificate } from '../model/types.ts';

/** The address of the controller's certificate, relative to the page: it may be behind a proxy. */
const CERTIFICATE = 'v1/cert.pem';

/** The largest answer that is read, in UTF-16 units. */
const MAX_ANSWER = 1024 * 1024;

/** Returns the certificates that were written into the page. */
export function embeddedCertificates(): readonly NamedCertificate[] {
  const data: unknown = JSON.parse(document.getElementById('certificates')?.textContent ?? '[]');
  return Array.isArray(data) ? data.filter(isNamedCertificate) : [];
}

/** Fetches the certificate of the controller that serves the page. Returns the reason if there is none. */
export async function fetchCertificate(): Promise<NamedCertificate | { readonly reason: string }> {
  try {
    const answer = await fetch(CERTIFICATE, { cache: 'no-store', redirect: 'error' });
    if (!answer.ok) return { reason: `The controller answers ${answer.status} instead of its certificate.` };
    return { name: location.host, pem: (await answer.text()).slice(0, MAX_ANSWER) };
  } catch {
    return { reason: 'The controller cannot be reached.' };
  }
}

function isNamedCertificate(value: unknown): value is NamedCertificate {
  return (
    typeof value === 'object' &&
    value !== null &&
    'name' in value &&
    'pem' in value &&
    typeof value.name === 'string' &&
    typeof value.pem === 'string'
  );
}
