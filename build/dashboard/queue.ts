import { metric, quantiles, rate, type Row } from './panel.ts';

const PLOT = { kind: 'timeseries', width: 8 } as const;

/** The row about the queue. */
export const QUEUE: Row = {
  title: 'Queue and latency',
  panels: [
    {
      ...PLOT,
      title: 'SealedSecrets in the queue',
      description:
        'fresh: just changed; retry: failed before; backlog: after a start; delayed: until a retry is due.',
      unit: 'short',
      targets: [{ expr: `sum by (lane) (${metric('queue_depth')})`, legend: '{{lane}}' }],
      isStacked: true,
    },
    {
      ...PLOT,
      title: 'Age of the oldest in the queue',
      description: 'The alert SealedSecretsWaiting fires above a minute.',
      unit: 's',
      targets: [
        { expr: `max(${metric('queue_oldest_age_seconds')})`, legend: 'all' },
        { expr: `max(${metric('queue_oldest_fresh_age_seconds')})`, legend: 'just changed' },
      ],
    },
    {
      ...PLOT,
      title: 'Reconciles by what follows',
      description:
        'rest: done; key: waits for a sealing key; retry: after a back-off; later: a repair after a pause.',
      unit: 'ops',
      targets: [{ expr: rate(metric('reconcile_duration_seconds_count'), 'next'), legend: '{{next}}' }],
    },
    {
      ...PLOT,
      title: 'Wait in the queue',
      description: 'How long SealedSecrets waited until they were taken: quantiles.',
      unit: 's',
      targets: quantiles('queue_wait_seconds'),
    },
    {
      ...PLOT,
      title: 'Duration of a reconcile',
      description: 'Reading, opening, writing the Secret and the status: quantiles.',
      unit: 's',
      targets: quantiles('reconcile_duration_seconds'),
    },
    {
      ...PLOT,
      title: 'Private key operations',
      description:
        'RSA decryptions, the main cost of unsealing. Many for each item: the wrong keys are tried first.',
      unit: 'ops',
      targets: [
        { expr: rate(metric('private_operations_total')), legend: 'operations' },
        { expr: rate(metric('item_tries_count')), legend: 'items' },
      ],
    },
  ],
};
