import { Agent, type RequestOptions } from 'node:https';
import {
  ApiException,
  createConfiguration,
  HttpMethod,
  KubeConfig,
  KubernetesObjectApi,
  RequestContext,
  type V1APIResource,
} from '@kubernetes/client-node';

/** An answer of kube-apiserver. A JSON body is parsed; any other body is a string. */
export interface Answer {
  status: number;
  body: unknown;
}

/** The time limit of a request, in ms. */
const TIME_LIMIT = 180_000;

/** client-node's discovery of what the server serves. It remembers what it has found. */
class Discovery extends KubernetesObjectApi {
  async find(apiVersion: string, kind: string): Promise<V1APIResource | undefined> {
    return this.resource(apiVersion, kind);
  }
}

/**
 * Sends requests through client-node, so that a fault of the client under test is not also in the one that checks it.
 * Uses its credentials, TLS options and HTTP library, but not its typed API: that would turn times into `Date` and drop
 * fields that it does not know. Returns answers with any status; throws only if the connection breaks.
 */
export class AdminClient {
  /** The administrator's configuration. */
  readonly #config = new KubeConfig();
  readonly #http = createConfiguration().httpApi;
  readonly #server: string;
  readonly #token: string;
  #discovery: Discovery | undefined;
  /** Keeps connections alive; client-node would open one for each request. */
  #agent: Promise<Agent> | undefined;

  constructor(server: string, caCertificate: string, token: string) {
    this.#server = server;
    this.#token = token;
    this.trust(caCertificate);
  }

  /** Trusts this CA from now on, instead of the former one. */
  trust(caCertificate: string): void {
    const caData = Buffer.from(caCertificate).toString('base64');
    this.#config.loadFromClusterAndUser(
      { name: 'test', server: this.#server, caData, skipTLSVerify: false },
      { name: 'admin', token: this.#token },
    );
    this.forgetResources();
    this.close();
  }

  /** @param body an object to send as JSON, or a string to send as it is; `token` replaces the administrator's */
  async request(
    method: string,
    path: string,
    body?: unknown,
    contentType = 'application/json',
    token?: string,
  ): Promise<Answer> {
    const request = new RequestContext(new URL(path, this.#server).href, methodOf(method));
    await this.#config.applySecurityAuthentication(request);
    request.setAgent(await (this.#agent ??= this.#newAgent()));
    request.setHeaderParam('Accept', 'application/json, */*');
    request.setHeaderParam('Accept-Encoding', 'identity');
    if (token !== undefined) request.setHeaderParam('Authorization', `Bearer ${token}`);
    if (body !== undefined) {
      request.setHeaderParam('Content-Type', contentType);
      request.setBody(typeof body === 'string' ? body : JSON.stringify(body));
    }
    const deadline = AbortSignal.timeout(TIME_LIMIT);
    request.setSignal(deadline);
    try {
      const response = await this.#http.send(request).toPromise();
      const text = await response.body.text();
      const isJson = (response.headers['content-type'] ?? '').startsWith('application/json');
      return { status: response.httpStatusCode, body: isJson ? (JSON.parse(text) as unknown) : text };
    } catch (error) {
      if (!deadline.aborted) throw error;
      throw new Error(`no answer to ${method} ${path} in ${TIME_LIMIT / 1000} s`, { cause: error });
    }
  }

  /** Returns how the server serves a kind, by its discovery; undefined if it does not serve it. */
  async resource(apiVersion: string, kind: string): Promise<V1APIResource | undefined> {
    this.#discovery ??= this.#config.makeApiClient(Discovery);
    try {
      return await this.#discovery.find(apiVersion, kind);
    } catch (error) {
      if (error instanceof ApiException) return undefined;
      throw error;
    }
  }

  /** Forgets how the server serves kinds, after a definition has changed. */
  forgetResources(): void {
    this.#discovery = undefined;
  }

  /** Same as {@link request}, for steps of a test that must succeed: throws on any status other than 2xx. */
  async expect(method: string, path: string, body?: unknown, contentType?: string): Promise<unknown> {
    const answer = await this.request(method, path, body, contentType);
    if (answer.status < 200 || answer.status > 299) {
      const reason = at(answer.body, 'message') ?? answer.body;
      throw new Error(`${method} ${path} answered ${answer.status}: ${String(reason)}`);
    }
    return answer.body;
  }

  /** Closes the idle connections; those to a server that has restarted would fail the next request. */
  close(): void {
    void this.#agent?.then((agent) => agent.destroy());
    this.#agent = undefined;
  }

  async #newAgent(): Promise<Agent> {
    const options: RequestOptions = {};
    await this.#config.applyToHTTPSOptions(options);
    return new Agent({ keepAlive: true, ca: options.ca });
  }
}

function methodOf(name: string): HttpMethod {
  const method = Object.values(HttpMethod).find((each: string) => each === name);
  if (method === undefined) throw new Error(`client-node has no method ${name}`);
  return method;
}

/** Returns the value at a path of keys (or indexes) in parsed JSON, or undefined if there is none. */
export function at(value: unknown, ...keys: (string | number)[]): unknown {
  return keys.reduce<unknown>((inner, key) => {
    if (typeof inner !== 'object' || inner === null) return undefined;
    return (inner as Record<string, unknown>)[key];
  }, value);
}

/** Same as {@link at}, for a string. Throws if there is none. */
export function stringAt(value: unknown, ...keys: (string | number)[]): string {
  const found = at(value, ...keys);
  if (typeof found !== 'string') throw new Error(`no text at ${keys.join('.')}`);
  return found;
}

/** Same as {@link at}, for a list; empty if there is none. */
export function listAt(value: unknown, ...keys: (string | number)[]): unknown[] {
  const found = at(value, ...keys);
  return Array.isArray(found) ? found : [];
}
