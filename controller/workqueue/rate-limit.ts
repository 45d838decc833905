import { Transport, type ResponseHead, type Request } from '../../shared/kubernetes/http/transport.ts';
import type { Connection } from '../../shared/kubernetes/http/connection.ts';
import { NEVER, type Clock } from '../../shared/clock.ts';

/** A bucket of tokens that fills at a rate: what takes one when it is empty waits its turn. */
export class TokenBucket {
  readonly #clock: Clock;
  /** Milliseconds in which one token comes. */
  readonly #interval: number;
  readonly #burst: number;
  /** When the bucket would be full again. */
  #full = 0;

  /** So many a second, and at most so many at once; a rate that is not positive is none. */
  constructor(clock: Clock, perSecond: number, burst: number) {
    this.#clock = clock;
    this.#interval = perSecond > 0 ? 1000 / perSecond : 0;
    this.#burst = Math.max(1, burst);
  }

  /** Takes a token. Rejects when the signal is aborted. */
  async take(signal: AbortSignal = NEVER): Promise<void> {
    const now = this.#clock.elapsed();
    this.#full = Math.max(this.#full, now) + this.#interval;
    const wait = this.#full - now - this.#burst * this.#interval;
    if (wait > 0) await this.#clock.sleep(wait, signal);
  }
}

/** Is told of each request, and with which status it was answered; undefined: there was no answer. */
type Sent = (request: Request, status: number | undefined) => void;

/**
 * A transport whose requests are limited in their rate, as `--kubeclient-qps` and `--kubeclient-burst` say, and
 * counted.
 */
export class LimitedTransport extends Transport {
  readonly #limit: TokenBucket;
  readonly #sent: Sent;

  constructor(connection: Connection, limit: TokenBucket, sent: Sent = () => undefined) {
    super(connection);
    this.#limit = limit;
    this.#sent = sent;
  }

  override async request(request: Request): Promise<ResponseHead & { readonly body: Buffer }> {
    await this.#limit.take(request.signal);
    return this.#counted(request, super.request(request));
  }

  override async stream(request: Request): ReturnType<Transport['stream']> {
    await this.#limit.take(request.signal);
    return this.#counted(request, super.stream(request));
  }

  async #counted<T extends ResponseHead>(request: Request, answer: Promise<T>): Promise<T> {
    try {
      const answered = await answer;
      this.#sent(request, answered.status);
      return answered;
    } catch (error) {
      // What we have cut off ourselves is no answer that did not come.
      if (!request.signal?.aborted) this.#sent(request, undefined);
      throw error;
    }
  }
}
