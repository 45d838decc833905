import type { Clock } from '../../shared/clock.ts';
import { MAX_REQUESTS } from '../../shared/kubernetes/http/agent.ts';
import { Transport, type ResponseHead, type Request } from '../../shared/kubernetes/http/transport.ts';
import { NotLeader } from '../../shared/kubernetes/http/write-guard.ts';
import type { Connection } from '../../shared/kubernetes/http/connection.ts';
import { AdaptiveLimit } from './adaptive-limit.ts';
import { isRepeatable, pauseAfter } from './throttling.ts';
import type { TokenBucket } from './token-bucket.ts';

/** Called after each try of a request with the status of its response, or with undefined if there was no response. */
type RequestObserver = (request: Request, status: number | undefined) => void;

/** Learns from each answer whether the API server asks for a pause. */
interface ThrottleObserver {
  /** @param pause how long the API server asks to wait, in ms */
  refused(status: number, pause: number): void;
  /** The answer does not ask for a pause. */
  answered(): void;
}

/** Options of `LimitedTransport`. */
export interface LimitedTransportOptions {
  readonly clock: Clock;
  /** The rate that `--kubeclient-qps` and `--kubeclient-burst` ask for. */
  readonly rate: TokenBucket;
  readonly observe?: RequestObserver;
  readonly throttling?: ThrottleObserver;
  /** Returns a number from 0 to 1, by which a pause is longer than asked for. */
  readonly jitter?: () => number;
}

/** How often a request is sent that the API server refuses as one too many. */
export const MAX_TRIES = 10;
/** For how long after the first refusal a request is sent again, in ms. */
export const MAX_RETRYING = 120_000;

/**
 * A transport that sends at the rate that is asked for, and no more than the API server takes: see `AdaptiveLimit`.
 * Reports each try. Requests wait before the time of `timeout` begins, and before the write guard is asked.
 */
export class LimitedTransport extends Transport {
  readonly #clock: Clock;
  readonly #rate: TokenBucket;
  readonly #limit: AdaptiveLimit;
  readonly #observe: RequestObserver;
  readonly #throttling: ThrottleObserver | undefined;

  constructor(connection: Connection, { clock, rate, observe, throttling, jitter }: LimitedTransportOptions) {
    super(connection);
    this.#clock = clock;
    this.#rate = rate;
    const most = MAX_REQUESTS;
    this.#limit = new AdaptiveLimit({ clock, most, ...(jitter === undefined ? {} : { jitter }) });
    this.#observe = observe ?? (() => undefined);
    this.#throttling = throttling;
  }

  /**
   * Waits until the request may be sent, then sends it, and repeats it while the API server refuses it as one too many:
   * at most 10 tries, and no further one that would come later than 2 min after the first refusal. Returns the last
   * answer. Rejects if the request's signal aborts.
   */
  override async request(request: Request): Promise<ResponseHead & { readonly body: Buffer }> {
    let giveUpAt: number | undefined;
    for (let tries = 1; ; tries++) {
      const response = await this.#limited(request, () => super.request(request));
      if (tries === MAX_TRIES || pauseAfter(response) === undefined || !isRepeatable(request, response))
        return response;
      const now = this.#clock.elapsed();
      giveUpAt ??= now + MAX_RETRYING;
      if (now + this.#limit.pause > giveUpAt) return response;
    }
  }

  /**
   * Waits until the request may be sent, then sends it. Counts as running until the head of its answer is there. Is not
   * repeated: lists and watches have a back-off of their own. Rejects if the request's signal aborts.
   */
  override async stream(request: Request): ReturnType<Transport['stream']> {
    return this.#limited(request, () => super.stream(request));
  }

  async #limited<T extends ResponseHead>(request: Request, send: () => Promise<T>): Promise<T> {
    await this.#rate.wait(request.signal);
    return this.#limit.run(
      () => this.#observed(request, send()),
      (response) => this.#pauseAfter(response),
      request.signal,
    );
  }

  #pauseAfter(response: ResponseHead): number | undefined {
    const pause = pauseAfter(response);
    if (pause === undefined) this.#throttling?.answered();
    else this.#throttling?.refused(response.status, pause);
    return pause;
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
