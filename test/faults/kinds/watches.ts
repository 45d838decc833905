import { until } from '../../control-plane/until.ts';
import { refusal, stream, type Answer } from '../../support/faulty-server.ts';
import type { Fault } from '../fault.ts';

/** How many watches get a wrong answer: each that the controller has, and some twice. */
const ANSWERS = 6;

const expired = { kind: 'Status', code: 410, reason: 'Expired', message: 'too old resource version' };
const failed = { kind: 'Status', code: 500, reason: 'InternalError', message: 'etcdserver: no leader' };

const ANSWERS_OF_WATCHES: Readonly<Record<string, readonly Answer[]>> = {
  '429 with Retry-After': [refusal(429, 'TooManyRequests', { 'retry-after': '1' })],
  '410 and 500': [refusal(410, 'Expired'), refusal(500, 'InternalError')],
  '410 and 500 in the stream': [
    stream([{ type: 'ERROR', object: expired }]),
    stream([{ type: 'ERROR', object: failed }]),
  ],
  'malformed lines': [
    stream(['{"type":"ADDED","obj\n']),
    stream([{ type: 'ADDED', object: 'none' }]),
    stream([{ type: 'NONE', object: {} }]),
    stream(['no JSON\n']),
  ],
  'a line that is cut': [
    stream(['{"type":"MODIFIED","object":{"kind":"SealedSecret","metada'], 'cut'),
    stream([]),
  ],
};

/** Watches get answers that a healthy API server does not give. */
export const WATCH_FAULTS: readonly Fault[] = Object.entries(ANSWERS_OF_WATCHES).map(([name, answers]) => ({
  name: `watches, answered with ${name}`,
  strike: async (stage, meanwhile) => {
    await stage.throughFront(async (front) => {
      front.answerWatches(...answers);
      await meanwhile();
      await until(`${ANSWERS} answers`, () => front.answered >= ANSWERS || undefined);
      front.answerWatches();
    });
  },
}));
