import { counts, inNamespaces, metric, rate, type Panel, type Row } from './panel.ts';

const STAT = { kind: 'stat', width: 3 } as const;
const DAY = 86_400;

const NUMBERS: readonly Panel[] = [
  {
    ...STAT,
    title: 'SealedSecrets',
    description: 'SealedSecrets with a status, in the chosen namespaces.',
    unit: 'short',
    targets: [{ expr: `sum(${counts()})`, legend: 'all' }],
    noValue: '0',
  },
  {
    ...STAT,
    title: 'Not synced',
    description: 'SealedSecrets whose Secret is missing or outdated, and those in work.',
    unit: 'short',
    targets: [{ expr: `sum(${counts('status!="True"')}) or vector(0)`, legend: 'not synced' }],
    thresholds: [
      [undefined, 'green'],
      [1, 'orange'],
    ],
  },
  {
    ...STAT,
    title: 'Unsynced for',
    description: 'For how long the SealedSecret that has been unsynced longest is not synced.',
    unit: 's',
    targets: [
      {
        expr: `(time() - min(${inNamespaces('unsynced_since_timestamp_seconds')})) or vector(0)`,
        legend: 'longest',
      },
    ],
    thresholds: [
      [undefined, 'green'],
      [60, 'yellow'],
      [900, 'orange'],
    ],
  },
  {
    ...STAT,
    title: 'Oldest in the queue',
    description: 'How long the oldest SealedSecret has been waiting to be taken. More than a minute is much.',
    unit: 's',
    targets: [{ expr: `max(${metric('queue_oldest_age_seconds')})`, legend: 'oldest' }],
    thresholds: [
      [undefined, 'green'],
      [10, 'yellow'],
      [60, 'orange'],
    ],
  },
  {
    ...STAT,
    title: 'Leaders',
    description: 'Replicas that write. One is right for each controller.',
    unit: 'short',
    targets: [{ expr: `sum(${metric('leader')})`, legend: 'leaders' }],
    thresholds: [
      [undefined, 'red'],
      [1, 'green'],
      [2, 'red'],
    ],
  },
  {
    ...STAT,
    title: 'Replicas',
    description: 'Replicas that report metrics, by version.',
    unit: 'short',
    targets: [{ expr: `count by (revision) (${metric('build_info')})`, legend: '{{revision}}' }],
    noValue: '0',
  },
  {
    ...STAT,
    title: 'New key in',
    description: 'Time until the controller makes a new sealing key. Nothing: it does not renew keys.',
    unit: 's',
    targets: [{ expr: `min(${metric('key_renewal_due_timestamp_seconds')}) - time()`, legend: 'renewal' }],
    thresholds: [
      [undefined, 'red'],
      [-3600, 'yellow'],
      [2 * DAY, 'green'],
    ],
    noValue: 'never',
  },
  {
    ...STAT,
    title: 'Certificate expires in',
    description:
      'Time until kubeseal refuses the certificate of the newest key. The key decrypts after that, too.',
    unit: 's',
    targets: [
      {
        expr:
          `min(${metric('key_not_after_timestamp_seconds')} and on (fingerprint) ` +
          `${metric('key_info', 'use="seal"')} == 1) - time()`,
        legend: 'expiry',
      },
    ],
    thresholds: [
      [undefined, 'red'],
      [2 * DAY, 'orange'],
      [7 * DAY, 'green'],
    ],
    noValue: 'no key',
  },
];

/** The row about the state of all SealedSecrets. */
export const STATE: Row = {
  title: 'SealedSecrets',
  panels: [
    ...NUMBERS,
    {
      kind: 'timeseries',
      width: 8,
      title: 'SealedSecrets by status',
      description: 'The condition Synced: True, False, or Unknown while one is in work for long.',
      unit: 'short',
      targets: [{ expr: `sum by (status) (${counts()})`, legend: '{{status}}' }],
      isStacked: true,
      colors: { True: 'green', False: 'red', Unknown: 'yellow' },
    },
    {
      kind: 'timeseries',
      width: 8,
      title: 'Not synced by reason and namespace',
      description: 'The reason says what resolves it; docs/controller.md lists them.',
      unit: 'short',
      targets: [
        {
          expr: `sum by (namespace, reason) (${counts('status!="True"')})`,
          legend: '{{namespace}}: {{reason}}',
        },
      ],
      isStacked: true,
    },
    {
      kind: 'timeseries',
      width: 8,
      title: 'Unsynced for, by namespace',
      description:
        'Age of the oldest failure of each namespace. The alert SealedSecretsFailing fires at 15 minutes.',
      unit: 's',
      targets: [
        {
          expr: `time() - min by (namespace) (${inNamespaces('unsynced_since_timestamp_seconds')})`,
          legend: '{{namespace}}',
        },
      ],
    },
    {
      kind: 'table',
      width: 24,
      title: 'SealedSecrets that are not synced',
      description: 'Their names. Empty with metrics.omitSecretLabels.',
      unit: 'short',
      targets: [
        {
          expr: `max by (namespace, name) (${inNamespaces('condition_info', 'condition="Synced"')}) < 1`,
          legend: '{{namespace}}/{{name}}',
        },
      ],
      texts: { '-1': 'False', '0': 'Unknown' },
      columns: [
        { field: 'namespace', title: 'Namespace' },
        { field: 'name', title: 'Name' },
        { field: 'Value', title: 'Synced' },
      ],
    },
  ],
};

/** The row about unsealing. */
export const UNSEALING: Row = {
  title: 'Unsealing',
  panels: [
    {
      kind: 'timeseries',
      width: 6,
      title: 'Unseal requests',
      description: 'Attempts to unseal a SealedSecret, failed ones included.',
      unit: 'ops',
      targets: [{ expr: rate(metric('unseal_requests_total')), legend: 'attempts' }],
    },
    {
      kind: 'timeseries',
      width: 6,
      title: 'Errors by reason',
      description: 'The step that failed: fetch, unseal, unmanaged, update or status.',
      unit: 'ops',
      targets: [{ expr: rate(inNamespaces('unseal_errors_total'), 'reason'), legend: '{{reason}}' }],
    },
    {
      kind: 'timeseries',
      width: 6,
      title: 'Errors by namespace',
      description: 'Where they fail. A rate: one that fails once and stays failed is not seen here.',
      unit: 'ops',
      targets: [{ expr: rate(inNamespaces('unseal_errors_total'), 'namespace'), legend: '{{namespace}}' }],
    },
    {
      kind: 'timeseries',
      width: 6,
      title: 'Failed templates, early retries',
      description:
        'Templates that failed or exceeded their budget, and retries brought forward after an outage.',
      unit: 'ops',
      targets: [
        { expr: rate(metric('template_failures_total')), legend: 'failed templates' },
        { expr: rate(metric('brought_forward_total')), legend: 'early retries' },
      ],
    },
  ],
};
