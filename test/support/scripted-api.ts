import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Api } from '../../shared/kubernetes/api/api.ts';
import { Transport } from '../../shared/kubernetes/http/transport.ts';

/** A request that the server received. */
export interface Asked {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly body: unknown;
}

/** The answer to a request: a status and a body (objects are sent as JSON), or a cut connection. */
export type Reply = { readonly status: number; readonly body: object | string } | 'cut';

/** Returns the reply to a request. */
export type Script = (asked: Asked) => Reply | Promise<Reply>;

/** An API client whose server is scripted by one function. */
export class ScriptedApi {
  readonly asked: Asked[] = [];
  readonly #server: Server;
  readonly #transport: Transport;
  readonly api: Api;

  private constructor(server: Server) {
    this.#server = server;
    const { port } = server.address() as AddressInfo;
    const access = (): Promise<{ tls: object; headers: Record<string, string> }> =>
      Promise.resolve({ tls: {}, headers: {} });
    this.#transport = new Transport({ server: `http://127.0.0.1:${port}`, namespace: undefined, access });
    this.api = new Api(this.#transport);
  }

  static async start(script: Script): Promise<ScriptedApi> {
    const server = createServer((request, response) => {
      void read(request).then(async (asked) => {
        scripted.asked.push(asked);
        const answer = await script(asked);
        if (answer === 'cut') return request.socket.destroy();
        const text = typeof answer.body === 'string' ? answer.body : JSON.stringify(answer.body);
        return response.writeHead(answer.status, { 'content-type': 'application/json' }).end(text);
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const scripted = new ScriptedApi(server);
    return scripted;
  }

  of(method: string): readonly Asked[] {
    return this.asked.filter((asked) => asked.method === method);
  }

  stop(): void {
    this.#transport.close();
    this.#server.closeAllConnections();
    this.#server.close();
  }
}

async function read(request: IncomingMessage): Promise<Asked> {
  let text = '';
  for await (const chunk of request.setEncoding('utf8')) text += String(chunk);
  const { pathname, searchParams } = new URL(request.url ?? '', 'http://localhost');
  const body: unknown = text === '' ? undefined : JSON.parse(text);
  return { method: request.method ?? '', path: pathname, query: searchParams, body };
}

/** Further parts of an error status. */
export interface RefusalDetails {
  readonly message?: string;
  /** The invalid fields. */
  readonly causes?: readonly { readonly field: string; readonly reason: string }[];
}

/** Returns an error status in the form of the API server. */
export function refused(status: number, reason: string, { message, causes }: RefusalDetails = {}): Reply {
  const details = causes === undefined ? {} : { details: { causes } };
  const text = message === undefined ? {} : { message };
  const body = {
    kind: 'Status',
    apiVersion: 'v1',
    status: 'Failure',
    code: status,
    reason,
    ...text,
    ...details,
  };
  return { status, body };
}
