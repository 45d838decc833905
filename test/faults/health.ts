import { samplesOf } from '../support/exposition.ts';
import type { ControllerProcess } from '../support/controller-process.ts';
import { memoryOf } from '../support/memory.ts';

/** The most memory of the controller and its children, in MiB: about twice what it has with a handful of objects. */
const MEMORY = 256;
/** How many requests may be sent for one change that was made: retries and both watches included. */
const REQUESTS_PER_CHANGE = 40;
/** How many requests may be sent in a second, in the mean: a tight loop sends hundreds. */
const REQUESTS_PER_SECOND = 20;

const REQUESTS = 'sealed_secrets_controller_api_requests_total';

/** What a controller has done so far. */
interface Mark {
  readonly pid: number;
  readonly at: number;
  readonly requests: number;
}

/** Checks that a controller works through a fault without ending, looping, growing or crashing. */
export class Health {
  readonly #controller: ControllerProcess;
  readonly #before: Mark;

  private constructor(controller: ControllerProcess, before: Mark) {
    this.#controller = controller;
    this.#before = before;
  }

  static async of(controller: ControllerProcess): Promise<Health> {
    return new Health(controller, await markOf(controller));
  }

  /** Returns the number of requests to the API server and the memory in MiB. Throws if the controller is not healthy. */
  async check(changes: number): Promise<{ requests: number; memory: number }> {
    const { pid, isRunning } = this.#controller;
    if (!isRunning || pid !== this.#before.pid) throw new Error('the controller has ended');
    const crash = crashOf(this.#controller.output);
    if (crash !== undefined) throw new Error(`the controller wrote: ${crash}`);
    const now = await markOf(this.#controller);
    const requests = now.requests - this.#before.requests;
    const seconds = (now.at - this.#before.at) / 1000;
    const most = REQUESTS_PER_CHANGE * changes + REQUESTS_PER_SECOND * seconds;
    if (requests > most) throw new Error(`${requests} requests in ${seconds.toFixed(0)} s: a tight loop`);
    const memory = Math.round(memoryOf(pid));
    if (memory > MEMORY) throw new Error(`the controller uses ${memory} MiB`);
    return { requests, memory };
  }
}

async function markOf(controller: ControllerProcess): Promise<Mark> {
  const requests = samplesOf(await controller.metrics(), REQUESTS).reduce((sum, { value }) => sum + value, 0);
  return { pid: controller.pid, at: performance.now(), requests };
}

/** Returns the first line that a healthy controller never writes, or undefined. */
function crashOf(output: string): string | undefined {
  return output
    .split('\n')
    .find((line) => !/^($|\{|clock step )/.test(line) || /"crashed"|(Type|Reference|Range)Error/.test(line));
}
