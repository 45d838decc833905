import type { IncomingMessage } from 'node:http';
import type { Certificate } from '../../shared/crypto/certificate.ts';
import { fillPage, type PageContent } from '../../shared/web-page/fill.ts';
import { pageHeaders } from '../../shared/web-page/headers.ts';
import { clientOf } from './client.ts';
import { limitHeaders, type ClientLimit } from './rate-limit.ts';
import { limitExceeded, noKey, type Reply } from './reply.ts';
import type { Endpoint } from './routes.ts';

/** The dependencies of the page that seals in a browser. */
export interface PageDependencies {
  /** The page as it was built. */
  readonly template: string;
  /** Returns the certificate to seal with; undefined while there is no sealing key. */
  readonly certificate: () => Certificate | undefined;
  readonly limit: ClientLimit;
}

/** Fills the page for a request. */
type PageFor = (certificate: Certificate, request: IncomingMessage) => Reply;

/** The name of the file that a browser saves. */
const FILE = 'seal.html';

/** A host name or an address, and a port, as a browser writes them. */
const HOST = /^(\[[0-9a-f:.]{2,45}\]|[a-z0-9.-]{1,253})(:\d{1,5})?$/i;

/** The name of a cluster for a client whose `Host` header has another form. */
const UNNAMED = 'cluster';

/**
 * Returns the endpoints of the page: `/`, which asks for the certificate when it is opened, and `/seal.html`, a copy to
 * keep that has the newest certificate inside and connects to nothing.
 */
export function pageEndpoints({ template, certificate, limit }: PageDependencies): [string, Endpoint][] {
  const answer = (page: PageFor, request: IncomingMessage): Reply => {
    const newest = certificate();
    return newest === undefined ? noKey() : page(newest, request);
  };
  const endpoint = (path: string, page: PageFor): [string, Endpoint] => [
    path,
    {
      method: 'GET',
      answer: ({ request }) => {
        const decision = limit.take(clientOf(request), path);
        const reply = decision?.allowed === false ? limitExceeded() : answer(page, request);
        return { ...reply, headers: { ...reply.headers, ...(decision && limitHeaders(decision)) } };
      },
    },
  ];
  // The same for everyone, so that it takes memory once.
  const served = pageReply(template, { mode: 'served', certificates: [] });
  return [
    endpoint('/', () => served),
    endpoint(`/${FILE}`, ({ pem }, request) => {
      const certificates = [{ name: clusterName(request), pem }];
      const { headers, ...reply } = pageReply(template, { mode: 'offline', certificates });
      const disposition = { 'content-disposition': `attachment; filename="${FILE}"` };
      return { ...reply, headers: { ...headers, ...disposition } };
    }),
  ];
}

function pageReply(template: string, content: PageContent): Reply {
  const page = fillPage(template, content);
  return {
    status: 200,
    type: 'text/html; charset=utf-8',
    body: Buffer.from(page),
    headers: pageHeaders(page),
  };
}

/** Returns the host that the browser called, as the served page names its cluster. */
function clusterName({ headers: { host = '' } }: IncomingMessage): string {
  return HOST.test(host) ? host : UNNAMED;
}
