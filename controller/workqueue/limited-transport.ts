import { Transport, type ResponseHead, type Request } from '../../shared/kubernetes/http/transport.ts';
import { NotLeader } from '../../shared/kubernetes/http/write-guard.ts';
import type { Connection } from '../../shared/kubernetes/http/connection.ts';
import type { TokenBucket } from './token-bucket.ts';

/** Called after each request with the status of its response, or with undefined if there was no response. */
type RequestObserver = (request: Request, status: number | undefined) => void;

/** A transport that limits the rate of its requests (`--kubeclient-qps`, `--kubeclient-burst`) and reports each one. */
export class LimitedTransport extends Transport {
  readonly #limit: TokenBucket;
  readonly #observe: RequestObserver;

  constructor(connection: Connection, limit: TokenBucket, observe: RequestObserver = () => undefined) {
    super(connection);
    this.#limit = limit;
    this.#observe = observe;
  }

  /** Waits for a token, then sends the request. Rejects if its signal aborts. */
  override async request(request: Request): Promise<ResponseHead & { readonly body: Buffer }> {
    await this.#limit.wait(request.signal);
    return this.#observed(request, super.request(request));
  }

  /** Waits for a token, then sends the request. Rejects if its signal aborts. */
  override async stream(request: Request): ReturnType<Transport['stream']> {
    await this.#limit.wait(request.signal);
    return this.#observed(request, super.stream(request));
  }

  async #observed<T extends ResponseHead>(request: Request, response: Promise<T>): Promise<T> {
    try {
      const head = await response;
      this.#observe(request, head.status);
      return head;
    } catch (error) {
      // A request that the controller aborts or refuses itself is not a failure of the API server.
      if (!request.signal?.aborted && !(error instanceof NotLeader)) this.#observe(request, undefined);
      throw error;
    }
  }
}
