import { readFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { WEB_PAGE } from '../../build/package.ts';
import { fillPage, type NamedCertificate } from '../../shared/web-page/fill.ts';
import { temporaryFolder } from '../support/temporary.ts';
import { certificatePem } from '../support/vectors.ts';

/** Returns the offline page with certificates, whatever they are. */
export function pageWith(certificates: readonly NamedCertificate[]): string {
  return fillPage(readFileSync(WEB_PAGE, 'utf8'), { mode: 'offline', certificates });
}

/** Writes the offline page as `kubeseal web` does, whatever the certificates are. Returns its URL. */
export function offlinePage(certificates: readonly NamedCertificate[]): string {
  return pathToFileURL(temporaryFolder().write('seal.html', pageWith(certificates))).href;
}

/** Writes the offline page with certificates of the vectors, named after their keys. Returns its URL. */
export function offlinePageFor(...keys: readonly string[]): string {
  return offlinePage(keys.map((key) => ({ name: key, pem: certificatePem(key) })));
}
