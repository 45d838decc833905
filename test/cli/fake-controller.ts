import type { IncomingMessage, ServerResponse } from 'node:http';
import { parseSealedSecret } from '../../shared/api/sealed-secret.ts';
import { parseCertificate } from '../../shared/crypto/parse-certificate.ts';
import { readDocuments } from '../../shared/manifest/read.ts';
import { Keyring } from '../../shared/seal/keyring.ts';
import { reEncrypt } from '../../shared/seal/re-encrypt.ts';
import { inProcessRenderer } from '../../shared/seal/templates.ts';
import { unseal } from '../../shared/seal/unseal.ts';
import { certificatePem, vectorKey } from '../support/vectors.ts';
import { FakeServer, json, text, type Answer } from './fake-api-server.ts';

const SERVICE = '/api/v1/namespaces/kube-system/services/sealed-secrets-controller';
const CONTROLLER = '/api/v1/namespaces/kube-system/services/http:sealed-secrets-controller:web/proxy';
const PLACE = { source: 'request' };
const never = new AbortController().signal;

export const CANARY = 'hunter2-canary';

/** An API server before a controller that has the 2048-bit key of the vectors, and does with it what ours does. */
export class FakeController {
  readonly server = new FakeServer(CANARY);
  /** The bodies that were sent, and what was accepted for an answer. */
  readonly sent: { readonly body: string; readonly accept: string | undefined }[] = [];

  /** All is well again. */
  reset(): void {
    this.server.forget();
    this.sent.length = 0;
    this.server.answers.set(
      SERVICE,
      json(200, {
        kind: 'Service',
        metadata: { name: 'x', namespace: 'y' },
        spec: { ports: [{ name: 'web' }] },
      }),
    );
    this.server.answers.set(`${CONTROLLER}/v1/cert.pem`, text(certificatePem('c2048')));
    this.onVerify((object) => this.#verify(object));
    this.onRotate((object) => this.#rotate(object));
  }

  /** A kubeconfig that leads to it. */
  get kubeconfig(): string {
    return JSON.stringify({
      'current-context': 'a',
      clusters: [{ name: 'c', cluster: { server: this.server.url } }],
      contexts: [{ name: 'a', context: { cluster: 'c', user: 'u' } }],
      users: [{ name: 'u', user: { token: CANARY } }],
    });
  }

  onVerify(answer: (object: object, response: ServerResponse) => Answer | Promise<Answer>): void {
    this.#on('verify', answer);
  }

  onRotate(answer: (object: object, response: ServerResponse) => Answer | Promise<Answer>): void {
    this.#on('rotate', answer);
  }

  #on(path: string, answer: (object: object, response: ServerResponse) => Answer | Promise<Answer>): void {
    this.server.answers.set(`${CONTROLLER}/v1/${path}`, (response, request) => {
      void this.#read(request).then(async (object) => (await answer(object, response))(response, request));
    });
  }

  async #read(request: IncomingMessage): Promise<object> {
    const chunks: Buffer[] = [];
    for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
    const body = Buffer.concat(chunks);
    this.sent.push({ body: body.toString(), accept: request.headers.accept });
    const value = readDocuments(body, 'request')[0]?.value;
    return typeof value === 'object' && value !== null ? value : {};
  }

  async #verify(object: object): Promise<Answer> {
    const keyring = new Keyring([await vectorKey('c2048')]);
    const sealed = parseSealedSecret(object, PLACE);
    const { ok } = await unseal(sealed, {
      decrypter: keyring,
      renderer: inProcessRenderer('withheld'),
      place: PLACE,
      signal: never,
    });
    return text('', ok ? 200 : 409);
  }

  async #rotate(object: object): Promise<Answer> {
    const keyring = new Keyring([await vectorKey('c2048')]);
    const sealed = parseSealedSecret(object, PLACE);
    const certificate = parseCertificate(certificatePem('c2048'), 'c2048');
    const result = await reEncrypt(sealed, {
      certificate,
      decrypter: keyring,
      candidates: [],
      place: PLACE,
      signal: never,
    });
    if (!result.ok) return text('', 409);
    return json(200, answerOf(object, result.encryptedData));
  }
}

/** Returns the answer of the reference: without kind, and with a new template that lacks the labels. */
export function answerOf(object: object, encryptedData: ReadonlyMap<string, string>): object {
  const { metadata } = object as { metadata: object };
  return {
    metadata: { ...metadata, creationTimestamp: null },
    spec: {
      template: { metadata: { creationTimestamp: null } },
      encryptedData: Object.fromEntries(encryptedData),
    },
    status: {},
  };
}

/** A refusal with what the API server's proxy puts around it. */
export function busy(retryAfter: string): Answer {
  return (response) =>
    response.writeHead(429, { 'retry-after': retryAfter, 'content-type': 'text/html' }).end(`<p>${CANARY}`);
}
