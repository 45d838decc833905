import { setMaxListeners } from 'node:events';
import { parentPort, workerData } from 'node:worker_threads';
import type { Failure } from '../../shared/errors.ts';
import { Api } from '../../shared/kubernetes/api/api.ts';
import { Transport } from '../../shared/kubernetes/http/transport.ts';
import { connect } from '../connection.ts';
import type { Fields } from '../log/log.ts';
import { Elector } from './elector.ts';
import type { ElectionThreadData, FromElection, ToElection } from './messages.ts';
import { SharedTerm } from './term.ts';
import { threadClock } from './thread-clock.ts';

// Renews the Lease on a thread and connections of its own, so that no decryption or garbage collection of the main thread
// delays it.

const port = parentPort;
if (port === null) throw new Error('this file is a worker thread');
// The main thread passes exactly this.
const { connection, ref, identity, timing, term: buffer } = workerData as ElectionThreadData;
const term = new SharedTerm(buffer);
const lease = `${ref.namespace}/${ref.name}`;
const post = (message: FromElection): void => port.postMessage(message);
const log =
  (level: 'info' | 'warn') =>
  (message: string, fields: Fields = {}): void =>
    post({ kind: 'log', level, message, fields });
const warn = log('warn');
const info = log('info');

let number = 0;
const transport = new Transport(await connect(connection, { warn }));
const elector = new Elector({
  api: new Api(transport),
  clock: threadClock,
  ref,
  identity,
  timing,
  listener: {
    begun: (until) => {
      number++;
      term.begin(number, until);
      post({ kind: 'begun', term: number });
    },
    extended: (until) => term.extend(until),
    ended: () => {
      term.end();
      post({ kind: 'ended', term: number });
    },
    follows: (leader) => info('another replica is the leader', { lease, leader }),
    alone: (failure) =>
      warn(
        `not allowed to use the Lease ${lease}; working alone, do not run a second replica`,
        failureFields(failure),
      ),
    failed: (failure) => warn('cannot use the Lease; retrying', { lease, ...failureFields(failure) }),
  },
});

/** As in `log.ts`, which would load the logger into this thread too. */
function failureFields(failure: Failure): Fields {
  return { code: failure.code, failure: failure.describe() };
}

const stop = new AbortController();
setMaxListeners(0, stop.signal);
port.on('message', (message: ToElection) => {
  if (message.kind === 'stop') stop.abort();
  else if (message.term === number) elector.endTerm();
});
await elector.run(stop.signal);
await elector.release();
transport.close();
port.close();
