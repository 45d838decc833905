import { readFileSync } from 'node:fs';
import type { RequestListener } from 'node:http';
import { WEB_PAGE } from '../../build/package.ts';
import { fillPage } from '../../shared/web-page/fill.ts';
import { pageHeaders } from '../../shared/web-page/headers.ts';

/** Answers as the controller does with `--web-ui`, below any path. */
export function servedSite(certificate: () => string | undefined): RequestListener {
  const template = readFileSync(WEB_PAGE, 'utf8');
  const served = fillPage(template, { mode: 'served', certificates: [] });
  return (request, response) => {
    const path = request.url ?? '';
    const pem = certificate();
    if (path.endsWith('/v1/cert.pem')) {
      response
        .writeHead(pem === undefined ? 503 : 200, { 'Content-Type': 'text/plain' })
        .end(pem ?? 'no key\n');
    } else if (path.endsWith('/seal.html') && pem !== undefined) {
      const page = fillPage(template, { mode: 'offline', certificates: [{ name: 'cluster', pem }] });
      const attachment = { 'Content-Disposition': 'attachment; filename="seal.html"' };
      response.writeHead(200, { 'Content-Type': 'text/html', ...attachment, ...pageHeaders(page) }).end(page);
    } else if (path.endsWith('/')) {
      response.writeHead(200, { 'Content-Type': 'text/html', ...pageHeaders(served) }).end(served);
    } else {
      response.writeHead(404).end();
    }
  };
}
