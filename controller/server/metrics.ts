import type { Clock } from '../../shared/clock.ts';
import type { Endpoint } from './routes.ts';

/** Renders the metrics as text. */
export interface MetricsSource {
  readonly contentType: string;
  exposition(): Promise<string>;
}

/** How long a page is reused, as a multiple of the time it took to render. Rendering takes at most 1/11 of the main thread. */
const SHARED_FOR = 10;

interface Page {
  readonly bytes: Promise<Buffer>;
  /** When it expires, by the clock's elapsed time in ms. */
  expiresAt: number;
}

/** Returns the endpoint of `/metrics`. Requests in quick succession share a page, which takes long for many objects. */
export function metricsEndpoint(metrics: MetricsSource, clock: Clock): Endpoint {
  let last: Page | undefined;
  const render = (): Page => {
    const started = clock.elapsed();
    const bytes = metrics.exposition().then((text) => Buffer.from(text));
    // Requests that arrive while the page is rendered share it.
    const page: Page = { bytes, expiresAt: Number.POSITIVE_INFINITY };
    const onRendered = (): void => {
      const now = clock.elapsed();
      page.expiresAt = now + SHARED_FOR * (now - started);
    };
    void bytes.then(onRendered, onRendered);
    return page;
  };
  return {
    method: 'GET',
    answer: async () => {
      if (last === undefined || clock.elapsed() >= last.expiresAt) last = render();
      return { status: 200, type: metrics.contentType, body: await last.bytes };
    },
  };
}
