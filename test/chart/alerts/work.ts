import { series, TARGET, text, type AlertCases } from './situation.ts';

const SHOP = { namespace: 'shop' };
const DB = { ...SHOP, name: 'db', condition: 'Synced', ss_app_kubernetes_io_instance: '' };

/** The alerts about SealedSecrets and their queue. */
export const WORK: readonly AlertCases[] = [
  {
    alert: 'SealedSecretsFailing',
    severity: 'warning',
    situations: [
      {
        title: 'one fails for 20 minutes',
        series: [series('unsynced_since_timestamp_seconds', '0+0x20', SHOP)],
        at: '20m',
        alerts: [SHOP],
      },
      {
        title: 'one fails for 12 minutes',
        series: [series('unsynced_since_timestamp_seconds', '0+0x12', SHOP)],
        at: '12m',
        alerts: [],
      },
      {
        title: 'some fail in turn, none of them for long',
        series: [series('unsynced_since_timestamp_seconds', '0+0x10 600+0x10 1200+0x10', SHOP)],
        at: '30m',
        alerts: [],
      },
      {
        title: 'two namespaces fail, one of them since before Prometheus started',
        series: [
          series('unsynced_since_timestamp_seconds', '-9000+0x6', SHOP),
          series('unsynced_since_timestamp_seconds', '0+0x6', { namespace: 'till' }),
        ],
        at: '6m',
        alerts: [SHOP],
      },
      {
        title: 'another replica leads after ten minutes and reports the same',
        series: [
          series('unsynced_since_timestamp_seconds', '0+0x10 stale', SHOP),
          series('unsynced_since_timestamp_seconds', '_x11 0+0x10', SHOP, 'b'),
        ],
        at: '20m',
        alerts: [SHOP],
      },
      {
        title: 'what failed has recovered',
        series: [series('unsynced_since_timestamp_seconds', '0+0x16 stale', SHOP)],
        at: '18m',
        alerts: [],
      },
    ],
  },
  {
    alert: 'SealedSecretNotSynced',
    severity: 'info',
    situations: [
      {
        title: 'one fails for 11 minutes, and two replicas report it in turn',
        series: [
          series('condition_info', '-1+0x5 stale', DB),
          series('condition_info', '_x6 -1+0x6', DB, 'b'),
        ],
        at: '11m',
        alerts: [{ ...SHOP, name: 'db' }],
      },
      {
        title: 'one is in work for 11 minutes',
        series: [series('condition_info', '0+0x11', DB)],
        at: '11m',
        alerts: [{ ...SHOP, name: 'db' }],
      },
      {
        title: 'one fails for nine minutes',
        series: [series('condition_info', '-1+0x9 1+0x9', DB)],
        at: '18m',
        alerts: [],
      },
    ],
  },
  {
    alert: 'SealedSecretsWaiting',
    severity: 'warning',
    situations: [
      {
        title: 'the oldest one waits for more than a minute, for longer than five minutes',
        series: [series('queue_oldest_age_seconds', '61+60x6')],
        at: '6m',
        alerts: [TARGET],
      },
      {
        title: 'the oldest one always waits for 59 s',
        series: [series('queue_oldest_age_seconds', '59+0x20')],
        at: '20m',
        alerts: [],
      },
      {
        title: 'a restart takes four minutes',
        series: [series('queue_oldest_age_seconds', '61+60x4 0+0x6')],
        at: '10m',
        alerts: [],
      },
    ],
  },
  {
    alert: 'SealedSecretsTemplatesFailing',
    severity: 'warning',
    situations: [
      {
        title: 'four templates a minute fail for an hour',
        series: [series('template_failures_total', '0+4x60')],
        at: '60m',
        alerts: [TARGET],
      },
      {
        title: 'one SealedSecret with ten bad templates is corrected after some attempts',
        series: [series('template_failures_total', '0 10 10 20 20 30 30 40+0x60')],
        at: '60m',
        alerts: [],
      },
      {
        title: 'one template a minute fails',
        series: [series('template_failures_total', '0+1x60')],
        at: '60m',
        alerts: [],
      },
    ],
  },
];

/** The alerts about the replicas themselves. */
export const REPLICAS: readonly AlertCases[] = [
  {
    alert: 'SealedSecretsControllerDown',
    severity: 'critical',
    situations: [
      {
        title: 'nothing has been scraped for six minutes',
        series: [series('build_info', '1 1 stale', { revision: '1' })],
        at: '8m',
        alerts: [{}],
      },
      {
        title: 'one of two replicas is gone',
        series: [
          series('build_info', '1 1 stale', { revision: '1' }),
          series('build_info', '1+0x20', { revision: '1' }, 'b'),
        ],
        at: '20m',
        alerts: [],
      },
      {
        title: 'an update takes four minutes',
        series: [
          series('build_info', '1 1 stale', { revision: '1' }),
          series('build_info', '_x6 1+0x14', { revision: '2' }, 'b'),
        ],
        at: '20m',
        alerts: [],
      },
    ],
  },
  {
    alert: 'SealedSecretsReplicaDown',
    severity: 'warning',
    situations: [
      {
        title: 'a replica does not answer for eleven minutes',
        series: [
          { series: text('up', { ...TARGET, instance: 'a' }), values: '1 0+0x11' },
          series('build_info', '1 stale', { revision: '1' }),
        ],
        at: '12m',
        alerts: [{ ...TARGET, instance: 'a' }],
      },
      {
        title: 'a target of another job does not answer',
        series: [
          { series: text('up', { job: 'other', instance: 'x' }), values: '0+0x20' },
          series('build_info', '1+0x20', { revision: '1' }),
        ],
        at: '20m',
        alerts: [],
      },
      {
        title: 'a pod is replaced',
        series: [
          { series: text('up', { ...TARGET, instance: 'a' }), values: '1 0 0 stale' },
          { series: text('up', { ...TARGET, instance: 'b' }), values: '_ 0 1+0x18' },
          series('build_info', '1+0x20', { revision: '1' }),
        ],
        at: '20m',
        alerts: [],
      },
    ],
  },
  {
    alert: 'SealedSecretsNoLeader',
    severity: 'critical',
    situations: [
      {
        title: 'no replica leads',
        series: [series('leader', '0+0x5'), series('leader', '0+0x5', {}, 'b')],
        at: '5m',
        alerts: [TARGET],
      },
      {
        title: 'one of two replicas leads',
        series: [series('leader', '1+0x10'), series('leader', '0+0x10', {}, 'b')],
        at: '10m',
        alerts: [],
      },
      {
        title: 'the other one leads after a minute',
        series: [series('leader', '1 0 0+0x8'), series('leader', '0 0 1+0x8', {}, 'b')],
        at: '10m',
        alerts: [],
      },
      {
        title: 'the pod of the leader is gone, and another one leads',
        series: [series('leader', '1 1 stale'), series('leader', '0 0 0 1+0x7', {}, 'b')],
        at: '10m',
        alerts: [],
      },
    ],
  },
  {
    alert: 'SealedSecretsSeveralLeaders',
    severity: 'critical',
    situations: [
      {
        title: 'two replicas lead',
        series: [series('leader', '1+0x5'), series('leader', '1+0x5', {}, 'b')],
        at: '5m',
        alerts: [TARGET],
      },
      {
        title: 'two seem to lead while the metrics of one are old',
        series: [series('leader', '1 1 1 1 0+0x6'), series('leader', '0 0 0 1+0x7', {}, 'b')],
        at: '10m',
        alerts: [],
      },
      {
        title: 'one leads in each of two clusters',
        series: [
          series('leader', '1+0x10', { cluster: 'one' }),
          series('leader', '1+0x10', { cluster: 'two' }),
        ],
        at: '10m',
        alerts: [],
      },
    ],
  },
];
