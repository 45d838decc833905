import { stringAt } from './admin-client.ts';
import type { AdminClient, Answer } from './admin-client.ts';
import { Applier } from './apply.ts';
import { publish } from './publish.ts';
import type { Publication } from './publish.ts';

/** Operations that tests perform on a cluster around the code under test. */
export class Administrator {
  readonly #client: AdminClient;
  readonly #applier: Applier;
  readonly #tokens: string[] = [];

  constructor(client: AdminClient) {
    this.#client = client;
    this.#applier = new Applier(client);
  }

  /** See {@link AdminClient.request}. */
  async request(method: string, path: string, body?: unknown, contentType?: string): Promise<Answer> {
    return this.#client.request(method, path, body, contentType);
  }

  /** Same as {@link request}, with another bearer token. */
  async requestAs(token: string, method: string, path: string, body?: unknown): Promise<Answer> {
    return this.#client.request(method, path, body, 'application/json', token);
  }

  /** See {@link Applier.apply}. */
  async apply(text: string, dryRun = false): Promise<unknown[]> {
    return this.#applier.apply(text, dryRun);
  }

  /** Creates a namespace with a unique name that starts with the prefix, and returns the name. */
  async createNamespace(prefix: string): Promise<string> {
    const made = await this.#client.expect('POST', '/api/v1/namespaces', {
      metadata: { generateName: `${prefix}-` },
    });
    return stringAt(made, 'metadata', 'name');
  }

  /** Creates a ServiceAccount without any rights, if it does not exist, and issues a token for it. */
  async newServiceAccountToken(namespace: string, name: string): Promise<string> {
    const account = { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name, namespace } };
    await this.apply(JSON.stringify(account));
    return this.serviceAccountToken(namespace, name);
  }

  /** Issues a token for an existing ServiceAccount. The server rejects lifetimes below 600 seconds. */
  async serviceAccountToken(namespace: string, name: string, seconds = 3600): Promise<string> {
    const path = `/api/v1/namespaces/${namespace}/serviceaccounts/${name}/token`;
    const made = await this.#client.expect('POST', path, {
      apiVersion: 'authentication.k8s.io/v1',
      kind: 'TokenRequest',
      spec: { expirationSeconds: seconds },
    });
    const token = stringAt(made, 'status', 'token');
    this.#tokens.push(token);
    return token;
  }

  /** All ServiceAccount tokens that were issued. */
  get issuedTokens(): readonly string[] {
    return this.#tokens;
  }

  /** See the function {@link publish}. */
  async publish(publication: Publication): Promise<void> {
    await publish(this.#client, publication);
  }
}
