import type { IncomingHttpHeaders } from 'node:http';
import type { Metadata } from '../../shared/api/metadata.ts';
import { Deadline } from '../../shared/clock.ts';
import { SealedSecretsError } from '../../shared/errors.ts';
import { fail, isCliFailure } from '../errors.ts';
import { Api, showRef, type Listed, type Ref } from '../../shared/kubernetes/api/api.ts';
import { ApiError, retryAfter } from '../../shared/kubernetes/api/api-error.ts';
import type { Connection } from '../../shared/kubernetes/http/connection.ts';
import { SERVICE_METADATA, SERVICES } from '../../shared/kubernetes/api/kinds.ts';
import { Transport } from '../../shared/kubernetes/http/transport.ts';

/** A request to the controller's own HTTP endpoints. */
export interface ControllerRequest {
  readonly method: 'GET' | 'POST';
  /** The path on the controller, such as `/v1/verify`. */
  readonly path: string;
  readonly accept?: string;
  readonly body?: string;
  readonly contentType?: string;
  /** The largest accepted response, in bytes. Defaults to 1 MiB. */
  readonly maxBody?: number;
  /** The time limit, in ms. The connection's own limit takes precedence. Defaults to 30 s. */
  readonly timeout?: number;
  readonly signal?: AbortSignal | undefined;
}

/** The controller's response, of any status. */
export interface ControllerResponse {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
  /** How long the controller asks to wait before a retry, in ms. */
  readonly retryAfter: number | undefined;
}

const MAX_BODY = 1024 * 1024;
const DEFAULT_TIMEOUT = 30_000;
/** The time limit of the search for Services of another name, in ms. It only improves an error message. */
const SEARCH_TIMEOUT = 5_000;

/** Reaches the controller's Service through the API server's proxy, with the user's credentials for the cluster. */
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
   * Sends a request and returns the response, of any status. The status may come from the API server itself. Throws
   * `ControllerRefused` if no response arrives, and `TooLarge`.
   */
  async request(request: ControllerRequest): Promise<ControllerResponse> {
    try {
      const response = await this.#transport.request({
        accept: '*/*',
        maxBody: MAX_BODY,
        timeout: DEFAULT_TIMEOUT,
        ...request,
        path: this.#root + request.path,
      });
      return { ...response, retryAfter: retryAfter(response.headers) };
    } catch (error) {
      if (!(error instanceof SealedSecretsError) || error.failure.code !== 'Unreachable') throw error;
      return fail({ code: 'ControllerRefused', ...this.service, reason: error.failure.describe() });
    }
  }

  /** Closes all connections. */
  close(): void {
    this.#transport.close();
  }
}

/**
 * Looks up the controller's Service and the name of its first port. Throws `NoSuchService`, with the names of likely
 * Services, or `ServiceRefused`.
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
    const namespaces = [service.namespace, connection.namespace, ...LIKELY_NAMESPACES];
    return fail({ code: 'NoSuchService', ...service, others: await likelyServices(api, namespaces, signal) });
  } catch (error) {
    transport.close();
    throw error;
  }
}

/**
 * Fetches the certificate from the controller, as unparsed text. Throws `CertificateRefused`, and `TooLarge`.
 *
 * @param limits the largest accepted response in bytes, and the time limit in ms
 */
export async function controllerCertificate(
  controller: ControllerProxy,
  limits: { readonly bytes: number; readonly time: number },
  signal?: AbortSignal,
): Promise<string> {
  const refuse = (reason: string, status?: number): never =>
    fail({
      code: 'CertificateRefused',
      ...controller.service,
      reason,
      ...(status === undefined ? {} : { status }),
    });
  const path = '/v1/cert.pem';
  const { bytes: maxBody, time: timeout } = limits;
  try {
    const response = await controller.request({ method: 'GET', path, maxBody, timeout, signal });
    return response.status === 200
      ? response.body.toString('latin1')
      : refuse(refusalOf(response), response.status);
  } catch (error) {
    const failure = error instanceof SealedSecretsError ? error.failure : undefined;
    if (failure === undefined || !isCliFailure(failure) || failure.details.code !== 'ControllerRefused')
      throw error;
    return refuse(failure.details.reason);
  }
}

/** Returns why the controller refused a request. Derived from the status alone; never quotes the response. */
export function refusalOf({ status, headers }: ControllerResponse): string {
  switch (status) {
    case 404:
      return 'not found (404); check that this Service is the sealed-secrets controller';
    case 413:
      return 'the object is too large (413)';
    case 429:
      return 'too many requests (429); try again later';
    case 503:
      return 'unavailable (503): the controller is not ready or has no sealing key yet';
    default:
      return new ApiError('proxy the request to the controller', {
        status,
        body: undefined,
        headers,
      }).failure.describe();
  }
}

async function firstPort(api: Api, service: Ref, signal?: AbortSignal): Promise<string | undefined> {
  try {
    return (await api.get(SERVICES, service, signal))?.firstPortName;
  } catch (error) {
    if (!(error instanceof SealedSecretsError)) throw error;
    const status = error instanceof ApiError ? { status: error.status } : {};
    return fail({ code: 'ServiceRefused', ...service, reason: error.failure.describe(), ...status });
  }
}

/** The label that the Helm chart sets for any release name. */
const CHART_LABEL = 'app.kubernetes.io/name=sealed-secrets';
const LIKELY_NAMESPACES = ['kube-system', 'sealed-secrets', 'flux-system', 'default'];
const MAX_OTHERS = 5;

/** Returns the Services of the chart in all namespaces, or in the likely ones if the user may not list all. */
async function likelyServices(
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

/** Lists the Services of the chart. Returns undefined if that fails: the caller reports another error anyway. */
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
    await api.list(SERVICE_METADATA, { ...query, signal: deadline.signal }, visit);
    return names;
  } catch {
    return undefined;
  } finally {
    deadline.clear();
  }
}
