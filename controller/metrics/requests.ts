import { Counter, Histogram, type Registry } from 'prom-client';
import type { Request } from '../../shared/kubernetes/http/transport.ts';
import { PREFIX } from './prefix.ts';

/** An answered HTTP request: its path without the query, its method, the status code, and the time that it took, in s. */
interface ObservedRequest {
  readonly path: string;
  readonly method: string;
  readonly code: number;
  readonly seconds: number;
}

/** The paths that are counted: as in the reference no probes and no unknown paths. */
const PATHS: ReadonlySet<string> = new Set(['/v1/cert.pem', '/v1/verify', '/v1/rotate', '/', '/seal.html']);
/** The methods that have a label value of their own. Clients choose the method, so all others share one value. */
const METHODS: ReadonlySet<string> = new Set(['get', 'head', 'post', 'put', 'patch', 'delete', 'options']);
const OTHER = 'other';

/** The code that client-go's metrics use if no answer came. */
const NO_ANSWER = '<error>';

/** Counts the requests that the controller answers, and those that it sends. */
export class RequestMetrics {
  readonly #answered: Counter<'path' | 'code' | 'method'>;
  readonly #duration: Histogram<'path' | 'method'>;
  readonly #sent: Counter<'verb' | 'code'>;
  readonly #cut: Counter<'reason'>;

  constructor(registry: Registry) {
    const registers = [registry];
    this.#answered = new Counter({
      name: `${PREFIX}http_requests_total`,
      help: 'Answered HTTP requests, by path, status code and method.',
      labelNames: ['path', 'code', 'method'],
      registers,
    });
    this.#duration = new Histogram({
      name: `${PREFIX}http_request_duration_seconds`,
      help: 'Time to answer an HTTP request, by path and method.',
      labelNames: ['path', 'method'],
      registers,
    });
    this.#sent = new Counter({
      name: `${PREFIX}api_requests_total`,
      help: `Requests to the API server, by verb and status code (${NO_ANSWER}: no response).`,
      labelNames: ['verb', 'code'],
      registers,
    });
    this.#cut = new Counter({
      name: `${PREFIX}http_connections_cut_total`,
      help: 'Connections closed because they exceeded a limit, by reason.',
      labelNames: ['reason'],
      registers,
    });
  }

  /** Counts a connection that was closed because it exceeded a bound. */
  readonly cut = (reason: string): void => this.#cut.inc({ reason });

  /** Counts an answered request. Ignores probes and unknown paths. */
  readonly observe = ({ path, method, code, seconds }: ObservedRequest): void => {
    if (!PATHS.has(path)) return;
    const lower = method.toLowerCase();
    const known = METHODS.has(lower) ? lower : OTHER;
    this.#answered.inc({ path, code, method: known });
    this.#duration.observe({ path, method: known }, seconds);
  };

  /** Counts a request to the API server. `code` is the status code of the answer; undefined: no answer came. */
  readonly sent = (request: Request, code: number | undefined): void => {
    this.#sent.inc({ verb: verbOf(request), code: code ?? NO_ANSWER });
  };
}

const VERBS = { POST: 'create', PUT: 'update', PATCH: 'patch', DELETE: 'delete' } as const;

/** Returns the verb of RBAC. The parameters tell lists and watches from gets, since ours always have them. */
function verbOf({ method, path }: Request): string {
  if (method !== 'GET') return VERBS[method];
  const parameters = new URLSearchParams(path.split('?')[1] ?? '');
  if (parameters.has('watch')) return 'watch';
  return parameters.has('limit') ? 'list' : 'get';
}
