import type { IncomingMessage } from 'node:http';
import { at, stringAt } from '../../test/control-plane/admin-client.ts';
import type { BenchApi } from './bench-api.ts';

/** How long to wait for objects, in ms. */
const PATIENCE = 1_800_000;

/** Which objects to watch. */
export interface Watched {
  /** The path of the list, such as `/api/v1/namespaces/many/secrets`. */
  readonly path: string;
  /** Whether to receive only metadata. */
  readonly metadata: boolean;
  /** Whether an object counts. */
  readonly counts: (object: unknown) => boolean;
}

/** Counts the objects of a list by a watch: waiting for them costs neither the API server nor this process a list. */
export class ObjectWatch {
  readonly #body: IncomingMessage;
  readonly #counts: Watched['counts'];
  readonly #names = new Set<string>();
  #waiting: { readonly count: number; readonly resolve: (time: number) => void } | undefined;
  #failure: Error | undefined;

  private constructor(body: IncomingMessage, counts: Watched['counts']) {
    this.#body = body;
    this.#counts = counts;
    let rest = '';
    body.setEncoding('utf8').on('data', (part: string) => {
      const lines = (rest + part).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) this.#take(JSON.parse(line));
    });
    body.on('error', (error: Error) => (this.#failure = error));
  }

  /** Starts to watch, from the objects that exist now. */
  static async start(api: BenchApi, { path, metadata, counts }: Watched): Promise<ObjectWatch> {
    const watch = `${path}?watch=true&timeoutSeconds=3600`;
    return new ObjectWatch(await api.watch(watch, { metadata }), counts);
  }

  /** Returns the time, by `performance.now()`, at which this many objects count. */
  reached(count: number): Promise<number> {
    if (this.#failure) throw this.#failure;
    if (this.#names.size >= count) return Promise.resolve(performance.now());
    return new Promise((resolve, reject) => {
      const timer = setTimeout(
        () => reject(new Error(`${this.#names.size} of ${count} objects after ${PATIENCE / 1000} s`)),
        PATIENCE,
      );
      this.#waiting = {
        count,
        resolve: (time) => {
          clearTimeout(timer);
          resolve(time);
        },
      };
    });
  }

  close(): void {
    this.#body.destroy();
  }

  #take(event: unknown): void {
    const object = at(event, 'object');
    const type = stringAt(event, 'type');
    if (type === 'ERROR') throw new Error(`a watch ended: ${String(at(object, 'message'))}`);
    const name = stringAt(object, 'metadata', 'name');
    if (type !== 'DELETED' && this.#counts(object)) this.#names.add(name);
    else this.#names.delete(name);
    if (this.#waiting === undefined || this.#names.size < this.#waiting.count) return;
    this.#waiting.resolve(performance.now());
    this.#waiting = undefined;
  }
}

/** Whether a SealedSecret is synced, by its condition, in its current generation. */
export function isSynced(object: unknown): boolean {
  const condition = at(object, 'status', 'conditions', 0);
  return (
    at(condition, 'type') === 'Synced' &&
    at(condition, 'status') === 'True' &&
    at(object, 'status', 'observedGeneration') === at(object, 'metadata', 'generation')
  );
}
