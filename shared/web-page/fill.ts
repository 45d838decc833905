/** How a page gets certificates: it asks the controller that serves it, or has them inside and connects to nothing. */
export type PageMode = 'served' | 'offline';

/** A certificate in a page, and the name that people know its cluster by. */
export interface NamedCertificate {
  readonly name: string;
  readonly pem: string;
}

/** What a page is filled with. */
export interface PageContent {
  readonly mode: PageMode;
  readonly certificates: readonly NamedCertificate[];
}

/** The connections of an offline page, as its policy says; that of a served one allows the server that it came from. */
export const OFFLINE_CONNECTIONS = "connect-src 'none'";
const SERVED_CONNECTIONS = "connect-src 'self'";

/** The attribute of the `html` element that tells the script the mode. */
const OFFLINE_ATTRIBUTE = 'data-mode="offline"';
const SERVED_ATTRIBUTE = 'data-mode="served"';

/** The element with the certificates, which is data and not run. */
const DATA_START = '<script type="application/json" id="certificates">';
/** The element without a certificate. */
export const NO_CERTIFICATES = `${DATA_START}[]</script>`;

/**
 * Returns the page with the certificates inside.
 *
 * @param template the page as it was built: offline, and without certificates
 */
export function fillPage(template: string, { mode, certificates }: PageContent): string {
  const page = replaced(template, NO_CERTIFICATES, `${DATA_START}${dataOf(certificates)}</script>`);
  if (mode === 'offline') return page;
  const served = replaced(page, OFFLINE_ATTRIBUTE, SERVED_ATTRIBUTE);
  return replaced(served, OFFLINE_CONNECTIONS, SERVED_CONNECTIONS);
}

/** Returns the certificates as JSON that cannot end its element, whatever the names are. */
function dataOf(certificates: readonly NamedCertificate[]): string {
  const plain = certificates.map(({ name, pem }) => ({ name, pem }));
  return JSON.stringify(plain).replaceAll('<', String.raw`\u003c`);
}

/** Replaces the first occurrence, which is the build's own: the head comes before everything else. */
function replaced(page: string, from: string, to: string): string {
  const at = page.indexOf(from);
  if (at < 0) throw new Error(`the page has no ${from}`);
  return page.slice(0, at) + to + page.slice(at + from.length);
}
