import type { Decrypter } from '../../shared/seal/open-items.ts';
import type { Log } from '../observe/log.ts';
import { readBody, saysTooLarge } from './body.ts';
import { Places } from './places.ts';
import type { Posted } from './posted.ts';
import { clientOf, limitHeaders, type ClientLimit } from './rate-limit.ts';
import type { PostedReader } from './reader.ts';
import { empty, line, type Reply } from './reply.ts';
import type { Asked, Endpoint } from './routes.ts';
import type { Share } from './share.ts';

/** What the endpoints need that work on a posted SealedSecret. */
export interface Post {
  readonly decrypter: Decrypter;
  readonly limit: ClientLimit;
  readonly places: Places;
  readonly share: Share;
  readonly reader: PostedReader;
  /** Whether the controller takes care of SealedSecrets of the namespace. */
  readonly serves: (namespace: string) => boolean;
  readonly log: Log;
}

/** What is done with a SealedSecret. */
type Work = (posted: Posted, asked: Asked) => Promise<Reply>;

/**
 * An endpoint that a SealedSecret is posted to: at a bounded rate, so many at once, and so large. What is beyond the
 * bounds is refused before it is read.
 */
export function posting(path: string, post: Post, work: Work): Endpoint {
  return {
    method: 'POST',
    answer: async (asked) => {
      const client = clientOf(asked.request);
      const verdict = post.limit.ask(client, path);
      const headers = verdict && limitHeaders(verdict);
      const allowed = verdict?.allowed !== false;
      const reply = allowed ? await placed(post, asked, work) : limitExceeded();
      // Who asks for what, and nothing that he wrote; what is beyond the limit would fill the log.
      if (allowed) post.log.info('request answered', { path, status: reply.status, ...client });
      return { ...reply, headers: { ...reply.headers, ...headers } };
    },
  };
}

function limitExceeded(): Reply {
  return line(429, 'limit exceeded');
}

async function placed(post: Post, asked: Asked, work: Work): Promise<Reply> {
  const leave = post.places.take(clientOf(asked.request));
  if (leave === undefined) return { ...limitExceeded(), headers: { 'retry-after': '1' } };
  try {
    return await answered(post, asked, work);
  } finally {
    leave();
  }
}

async function answered(post: Post, asked: Asked, work: Work): Promise<Reply> {
  const { request, signal } = asked;
  if (post.decrypter.fingerprints.length === 0) return noKey();
  if (saysTooLarge(request)) return tooLarge();
  asked.proceed();
  const body = await readBody(request, signal);
  if (body === 'too large') return tooLarge();
  const posted = await post.share.turn(() => post.reader.read(body, signal));
  if (posted === null) return line(400, 'the body is not one SealedSecret, in JSON or YAML');
  return post.serves(posted.sealed.metadata.namespace) ? work(posted, asked) : empty(409);
}

export function noKey(): Reply {
  return line(503, 'there is no sealing key yet');
}

function tooLarge(): Reply {
  return line(413, 'the body is too large');
}
