import { request, type Agent, type IncomingHttpHeaders, type OutgoingHttpHeaders } from 'node:http';
import { request as secureRequest } from 'node:https';

/** The answer to a request. */
export interface Told {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** Optional parts of a request. */
export interface AskOptions {
  readonly body?: string | Buffer;
  readonly headers?: OutgoingHttpHeaders;
  readonly agent?: Agent;
  /** The local address to send from. */
  readonly localAddress?: string;
  /** The CA certificate of an https server, as PEM. */
  readonly ca?: string;
}

/** Sends one request, on a new connection unless an agent is given. */
export function ask(method: string, url: string, options: AskOptions = {}): Promise<Told> {
  const { body, headers = {}, agent = false, localAddress, ca } = options;
  return new Promise((resolve, reject) => {
    const from = localAddress === undefined ? {} : { localAddress };
    const send = url.startsWith('https:') ? secureRequest : request;
    const sent = send(
      url,
      { method, headers, agent, ...from, ...(ca === undefined ? {} : { ca }) },
      (answer) => {
        let text = '';
        answer.setEncoding('utf8').on('data', (part: string) => (text += part));
        answer.on('error', reject);
        answer.on('end', () =>
          resolve({ status: answer.statusCode ?? 0, headers: answer.headers, body: text }),
        );
      },
    );
    sent.on('error', reject).end(body);
  });
}

/** Posts an object as JSON. */
export function post(url: string, object: object, options: AskOptions = {}): Promise<Told> {
  return ask('POST', url, { ...options, body: JSON.stringify(object) });
}
