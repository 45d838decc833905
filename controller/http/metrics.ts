import type { Clock } from '../../shared/clock.ts';
import type { Endpoint } from './routes.ts';

/** The metrics as text. */
export interface Exposed {
  readonly contentType: string;
  exposition(): Promise<string>;
}

/** How old a page may be that others are still reading, in ms. */
const SHARED_FOR = 1_000;

interface Page {
  readonly bytes: Promise<Buffer>;
  readonly made: number;
  readers: number;
}

/** `/metrics`. Requests that come while a page of the last second is still being read share its memory. */
export function exposing(metrics: Exposed, clock: Clock): Endpoint {
  let last: Page | undefined;
  return {
    method: 'GET',
    answer: async ({ signal }) => {
      const now = clock.elapsed();
      if (last === undefined || last.readers === 0 || now - last.made > SHARED_FOR) {
        last = { bytes: metrics.exposition().then((text) => Buffer.from(text)), made: now, readers: 0 };
      }
      const page = last;
      page.readers++;
      signal.addEventListener(
        'abort',
        () => {
          page.readers--;
          // An unread page is not kept for those who may come.
          if (page.readers === 0 && last === page) last = undefined;
        },
        { once: true },
      );
      return { status: 200, type: metrics.contentType, body: await page.bytes };
    },
  };
}
