import type { Clock } from '../../shared/clock.ts';
import type { Endpoint } from './routes.ts';

/** The metrics as text. */
export interface Exposed {
  readonly contentType: string;
  exposition(): Promise<string>;
}

/** For how many times as long as it took to make a page is shared: pages take at most this part of the main thread. */
const SHARED_FOR = 10;

interface Page {
  readonly bytes: Promise<Buffer>;
  /** Until when it is shared, by the clock's elapsed time in ms. */
  until: number;
}

/** `/metrics`. A page of many objects takes long: requests that follow one another in a loop share it. */
export function exposing(metrics: Exposed, clock: Clock): Endpoint {
  let last: Page | undefined;
  const make = (): Page => {
    const began = clock.elapsed();
    const bytes = metrics.exposition().then((text) => Buffer.from(text));
    // Requests that come while it is made share it.
    const page: Page = { bytes, until: Number.POSITIVE_INFINITY };
    const made = (): void => {
      const now = clock.elapsed();
      page.until = now + SHARED_FOR * (now - began);
    };
    void bytes.then(made, made);
    return page;
  };
  return {
    method: 'GET',
    answer: async () => {
      if (last === undefined || clock.elapsed() >= last.until) last = make();
      return { status: 200, type: metrics.contentType, body: await last.bytes };
    },
  };
}
