import { NEVER, type Clock } from '../../shared/clock.ts';
import { connect } from '../../shared/kubernetes/auth/connect.ts';
import type { Connection } from '../../shared/kubernetes/http/connection.ts';
import {
  findController,
  type ControllerResponse,
  type ControllerProxy,
  type ControllerRequest,
} from './controller-proxy.ts';
import type { CliContext } from '../context.ts';
import type { ControllerOptions } from '../flags/options.ts';

/** How often to send a request to a busy controller before giving up. */
const MAX_ATTEMPTS = 10;
/** How long to wait before the next attempt if the response has no `Retry-After`, in ms. */
const DEFAULT_RETRY_DELAY = 1000;

/** Finds the controller that the flags name. Throws as `connect` and `findController` do. */
export async function findControllerFor(
  options: ControllerOptions,
  context: CliContext,
): Promise<ControllerProxy> {
  const connection = await connectFor(options, context);
  return findController(connection, { namespace: options.controllerNamespace, name: options.controllerName });
}

/** Finds the API server that the flags name. Throws as `connect` does. */
export async function connectFor(options: ControllerOptions, context: CliContext): Promise<Connection> {
  return connect(options.cluster, context.environment, context);
}

/** A controller, and how to wait for it while it is busy. */
export class ControllerAccess {
  readonly controller: ControllerProxy;
  readonly #clock: Clock;
  /** When the last one of the refused requests may be sent again. */
  #turn: Promise<void> = Promise.resolve();

  constructor(controller: ControllerProxy, clock: Clock) {
    this.controller = controller;
    this.#clock = clock;
  }

  /**
   * Sends a request, and repeats it while the response is 429: by default, a controller verifies two objects a second.
   * Requests that were refused at once are sent again one after the other, so that they do not use up the limit together.
   */
  async request(request: ControllerRequest): Promise<ControllerResponse> {
    for (let attempt = 1; ; attempt++) {
      const response = await this.controller.request(request);
      if (response.status !== 429 || attempt === MAX_ATTEMPTS) return response;
      const delay = response.retryAfter ?? DEFAULT_RETRY_DELAY;
      this.#turn = this.#turn.then(() => this.#clock.sleep(delay, NEVER));
      await this.#turn;
    }
  }

  /** Closes all connections. */
  close(): void {
    this.controller.close();
  }
}
