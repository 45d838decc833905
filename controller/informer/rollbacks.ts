import { setMaxListeners } from 'node:events';
import { ABORTED } from '../../shared/clock.ts';

/**
 * Tells all reflectors of an API server that it has gone back to an older state, because etcd was restored from a
 * snapshot. Each reflector notices that by its own resource version, but not if the server has passed that version again
 * before it answers.
 */
export class Rollbacks {
  #next = endless();

  /** A signal that aborts when the next rollback is noticed. There is a new one after each. */
  get signal(): AbortSignal {
    return this.#next.signal;
  }

  /** A reflector has noticed a rollback. */
  noticed(): void {
    const noticed = this.#next;
    this.#next = endless();
    noticed.abort(ABORTED);
  }
}

/** Returns a controller to whose signal any number of reflectors may listen. */
function endless(): AbortController {
  const controller = new AbortController();
  setMaxListeners(0, controller.signal);
  return controller;
}
