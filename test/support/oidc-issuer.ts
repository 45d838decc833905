import { generateKeyPairSync, sign, type KeyObject } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Authority } from './authority.ts';
import { ObservingServer } from './observing-server.ts';

/** A request to the token endpoint. */
export interface TokenRequest {
  readonly authorization: string | undefined;
  readonly form: Readonly<Record<string, string>>;
}

type Answer = (response: ServerResponse) => void;
type TokenAnswer = (response: ServerResponse, request: TokenRequest) => void;

/** An OpenID Connect issuer for tests: discovery and the refresh of ID tokens, over TLS. */
export class OidcIssuer {
  /** The requests to the token endpoint since the last `reset`. */
  readonly refreshes: TokenRequest[] = [];
  /** Replaces fields of the discovery document. */
  metadata: object = {};
  /** Replaces fields of the answer to a refresh. */
  tokens: object = {};
  /** Replaces the answer of the discovery document or the token endpoint. */
  discovery: Answer | undefined;
  token: TokenAnswer | undefined;
  readonly #server: ObservingServer;
  readonly #key: KeyObject = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey;
  #issued = 0;

  constructor(authority: Authority, names: readonly string[] = ['localhost']) {
    this.#server = new ObservingServer(authority, authority.server(names));
    this.#server.answer = (request, response) => void this.#answer(request, response);
  }

  async start(): Promise<void> {
    await this.#server.start();
  }

  stop(): void {
    this.#server.stop();
  }

  get url(): string {
    return this.#server.url;
  }

  get port(): number {
    return this.#server.port;
  }

  /** The paths that were requested. */
  get requests(): string[] {
    return this.#server.seen.map(({ line }) => line);
  }

  reset(): void {
    this.#server.seen.length = this.refreshes.length = 0;
    this.metadata = this.tokens = {};
    this.discovery = this.token = undefined;
  }

  /** Returns an ID token. Each one is different. */
  idToken(secondsLeft: number, claims: object = {}): string {
    const now = Math.floor(Date.now() / 1000);
    const header = { alg: 'RS256', typ: 'JWT' };
    const body = {
      iss: this.url,
      aud: 'kube',
      sub: 'alice',
      iat: now,
      exp: now + secondsLeft,
      jti: ++this.#issued,
    };
    const signed = [header, { ...body, ...claims }]
      .map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'))
      .join('.');
    return `${signed}.${sign('sha256', Buffer.from(signed), this.#key).toString('base64url')}`;
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (request.url === '/.well-known/openid-configuration') {
      if (this.discovery) {
        this.discovery(response);
        return;
      }
      const metadata = { issuer: this.url, token_endpoint: `${this.url}/token`, ...this.metadata };
      sendJson(response, 200, metadata);
      return;
    }
    let body = '';
    for await (const chunk of request.setEncoding('utf8')) body += String(chunk);
    const form = Object.fromEntries(new URLSearchParams(body));
    const refresh = { authorization: request.headers.authorization, form };
    this.refreshes.push(refresh);
    if (this.token) {
      this.token(response, refresh);
      return;
    }
    sendJson(response, 200, {
      token_type: 'Bearer',
      access_token: 'canary-access',
      expires_in: 3600,
      id_token: this.idToken(3600),
      ...this.tokens,
    });
  }
}

/** Answers with JSON. */
export function sendJson(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}
