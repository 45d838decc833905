import { NEVER, type Clock } from '../shared/clock.ts';
import { connect } from '../shared/kubernetes/auth/connect.ts';
import {
  findController,
  type ControllerResponse,
  type ControllerProxy,
  type ControllerRequest,
} from '../shared/kubernetes/api/controller-proxy.ts';
import type { CliContext } from './context.ts';
import type { Options } from './flags/options.ts';

/** How often a controller that is busy is asked again, and how long it is waited for when it does not say. */
const MAX_TRIES = 10;
const USUAL_WAIT = 1000;

/** The controller that the flags name, in the cluster that they name. Throws what `connect` and `findController` do. */
export async function findControllerFor(options: Options, context: CliContext): Promise<ControllerProxy> {
  const connection = await connect(options.cluster, context.environment, context.clock);
  return findController(connection, { namespace: options.controllerNamespace, name: options.controllerName });
}

/** Sends a request, again and again while the answer is 429: it verifies two objects a second by default. */
export async function askPatiently(
  controller: ControllerProxy,
  request: ControllerRequest,
  clock: Clock,
): Promise<ControllerResponse> {
  for (let tries = 1; ; tries++) {
    const answer = await controller.request(request);
    if (answer.status !== 429 || tries === MAX_TRIES) return answer;
    await clock.sleep(answer.retryAfter ?? USUAL_WAIT, NEVER);
  }
}
