import type { Endpoint } from './routes.ts';

/** Metrics as text, for who asks for them. */
export interface Exposed {
  readonly contentType: string;
  exposition(): Promise<string>;
}

/** `/metrics`. */
export function exposing(metrics: Exposed): Endpoint {
  return {
    method: 'GET',
    answer: async () => ({ status: 200, type: metrics.contentType, body: await metrics.exposition() }),
  };
}
