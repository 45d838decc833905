import type { IncomingHttpHeaders } from 'node:http';
import type { Metadata } from '../../api/metadata.ts';
import { Deadline } from '../../clock.ts';
import { describe, fail, SealedSecretsError } from '../../errors.ts';
import { Api, showRef, type Listed, type Ref } from './api.ts';
import { ApiError, retryAfter } from './api-error.ts';
import type { Connection } from '../http/connection.ts';
import { SERVICE_METADATA, SERVICES } from './kinds.ts';
import { Transport } from '../http/transport.ts';

/** A request to the controller's own HTTP endpoints. */
export interface ControllerRequest {
  readonly method: 'GET' | 'POST';
  /** From the root of the controller, as `/v1/verify`. */
  readonly path: string;
  readonly accept?: string;
  readonly body?: string;
  readonly contentType?: string;
  /** How large the answer may be, in bytes; 1 MiB where it is not said. */
  readonly maxBody?: number;
  /** In milliseconds; a time limit of the connection's own goes before it. */
  readonly timeout?: number;
  readonly signal?: AbortSignal | undefined;
}

export interface ControllerAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
  /** How long the controller asks to wait, in milliseconds. */
  readonly retryAfter: number | undefined;
}

const MAX_BODY = 1024 * 1024;
const USUAL_TIMEOUT = 30_000;
/** Looking for a Service of another name only helps an error along: it shall not hold it up, in milliseconds. */
const SEARCH_TIMEOUT = 5_000;

/** The controller, by its Service, through the API server: whoever may use the cluster may use it. */
export class ControllerProxy {
  readonly service: Ref;
  readonly #transport: Transport;
  readonly #root: string;

  constructor(transport: Transport, service: Ref, port: string) {
    const namespace = encodeURIComponent(service.namespace);
    const [name, portName] = [encodeURIComponent(service.name), encodeURIComponent(port)];
    this.service = service;
    this.#transport = transport;
    this.#root = `/api/v1/namespaces/${namespace}/services/http:${name}:${portName}/proxy`;
  }

  /**
   * Sends a request and gives the answer, of any status; the API server's own refusals have a status too. Throws
   * `ControllerRefused` where there is none, and `TooLarge`.
   */
  async request(request: ControllerRequest): Promise<ControllerAnswer> {
    try {
      const answer = await this.#transport.request({
        accept: '*/*',
        maxBody: MAX_BODY,
        timeout: USUAL_TIMEOUT,
        ...request,
        path: this.#root + request.path,
      });
      return { ...answer, retryAfter: retryAfter(answer.headers) };
    } catch (error) {
      if (!(error instanceof SealedSecretsError) || error.failure.code !== 'Unreachable') throw error;
      return fail({ code: 'ControllerRefused', ...this.service, reason: describe(error.failure) });
    }
  }

  /** Ends its connections. */
  close(): void {
    this.#transport.close();
  }
}

/**
 * Looks the controller's Service up, for the name of its first port. Throws `NoSuchService`, with the Services that
 * could be meant, or `ServiceRefused`.
 */
export async function findController(
  connection: Connection,
  service: Ref,
  signal?: AbortSignal,
): Promise<ControllerProxy> {
  const transport = new Transport(connection);
  try {
    const api = new Api(transport);
    const port = await firstPort(api, service, signal);
    if (port !== undefined) return new ControllerProxy(transport, service, port);
    const namespaces = [service.namespace, connection.namespace, ...USUAL_NAMESPACES];
    return fail({ code: 'NoSuchService', ...service, others: await others(api, namespaces, signal) });
  } catch (error) {
    transport.close();
    throw error;
  }
}

/** The certificate as the controller serves it, unread. Throws `CertificateRefused`. */
export async function controllerCertificate(
  controller: ControllerProxy,
  limits: { readonly bytes: number; readonly time: number },
  signal?: AbortSignal,
): Promise<string> {
  const refuse = (reason: string): never =>
    fail({ code: 'CertificateRefused', ...controller.service, reason });
  const path = '/v1/cert.pem';
  const { bytes: maxBody, time: timeout } = limits;
  try {
    const answer = await controller.request({ method: 'GET', path, maxBody, timeout, signal });
    return answer.status === 200 ? answer.body.toString('latin1') : refuse(refusalOf(answer));
  } catch (error) {
    if (!(error instanceof SealedSecretsError) || error.failure.code !== 'ControllerRefused') throw error;
    return refuse(error.failure.reason);
  }
}

/** Why the controller did not do what it was asked, in words that are none of its own. */
export function refusalOf({ status, headers }: ControllerAnswer): string {
  switch (status) {
    case 404:
      return 'it knows no such path (404): is this Service the controller?';
    case 413:
      return 'the object is too large for it (413)';
    case 429:
      return 'it stays too busy (429): try again later';
    case 503:
      return 'the controller does not answer, or has no key yet (503)';
    default:
      return describe(
        new ApiError('pass the request on to the controller', status, undefined, headers).failure,
      );
  }
}

async function firstPort(api: Api, service: Ref, signal?: AbortSignal): Promise<string | undefined> {
  try {
    return (await api.get(SERVICES, service, signal))?.firstPortName;
  } catch (error) {
    if (!(error instanceof SealedSecretsError)) throw error;
    return fail({ code: 'ServiceRefused', ...service, reason: describe(error.failure) });
  }
}

/** The Helm chart's, whatever the release is called. */
const CHART_LABEL = 'app.kubernetes.io/name=sealed-secrets';
const USUAL_NAMESPACES = ['kube-system', 'sealed-secrets', 'flux-system', 'default'];
const MAX_OTHERS = 5;

/** Services of the chart in all namespaces, or where one may not list these, in those that are likely. */
async function others(
  api: Api,
  namespaces: readonly (string | undefined)[],
  signal?: AbortSignal,
): Promise<string[]> {
  const query = { labelSelector: CHART_LABEL };
  const everywhere = await servicesIn(api, query, signal);
  const likely = [...new Set(namespaces)].flatMap((namespace) => namespace ?? []);
  const found =
    everywhere ??
    (await Promise.all(likely.map((namespace) => servicesIn(api, { ...query, namespace }, signal)))).flat();
  return found.filter((service) => service !== undefined).slice(0, MAX_OTHERS);
}

/** Undefined where they cannot be listed, whatever the reason: another error is on its way already. */
async function servicesIn(
  api: Api,
  query: { readonly labelSelector: string; readonly namespace?: string },
  signal?: AbortSignal,
): Promise<string[] | undefined> {
  const deadline = new Deadline(SEARCH_TIMEOUT, signal);
  try {
    const names: string[] = [];
    const visit = (item: Listed<Metadata>): void => {
      if (item.ok && item.object.labels.get('app.kubernetes.io/component') !== 'metrics') {
        names.push(showRef(item.object));
      }
    };
    await api.list(SERVICE_METADATA, query, visit, { signal: deadline.signal });
    return names;
  } catch {
    return undefined;
  } finally {
    deadline.clear();
  }
}
