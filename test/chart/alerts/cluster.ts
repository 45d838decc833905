import { replicas, series, TARGET, type AlertCases } from './situation.ts';

/** The alerts about the API server. */
export const API_SERVER: readonly AlertCases[] = [
  {
    alert: 'SealedSecretsWatchSilent',
    severity: 'critical',
    situations: [
      {
        title: 'a watch receives nothing for eleven minutes',
        series: replicas('watch_last_event_age_seconds', '0+60x11', { watch: 'secrets' }),
        at: '11m',
        alerts: [{ ...TARGET, watch: 'secrets' }],
      },
      {
        title: 'bookmarks come, some of them late',
        series: replicas('watch_last_event_age_seconds', '59 10 120 150 20 290 350 10 60+0x10', {
          watch: 'secrets',
        }),
        at: '18m',
        alerts: [],
      },
    ],
  },
  {
    alert: 'SealedSecretsListFailing',
    severity: 'warning',
    situations: [
      {
        title: 'a list fails for eleven minutes',
        series: [
          ...replicas('watch_synced', '0+0x11', { watch: 'sealedsecrets' }),
          ...replicas('watch_synced', '1+0x11', { watch: 'keys' }),
        ],
        at: '11m',
        alerts: [{ ...TARGET, watch: 'sealedsecrets' }],
      },
      {
        title: 'the first list takes nine minutes',
        series: replicas('watch_synced', '0+0x9 1+0x9', { watch: 'sealedsecrets' }),
        at: '18m',
        alerts: [],
      },
    ],
  },
  {
    alert: 'SealedSecretsApiErrors',
    severity: 'warning',
    situations: [
      {
        title: 'one of five requests fails, in different ways',
        series: [
          series('api_requests_total', '0+60x30', { verb: 'update', code: '200' }),
          series('api_requests_total', '0+5x30', { verb: 'update', code: '500' }),
          series('api_requests_total', '0+5x30', { verb: 'update', code: '429' }),
          series('api_requests_total', '0+5x30', { verb: 'get', code: '<error>' }),
        ],
        at: '30m',
        alerts: [TARGET],
      },
      {
        title: 'one of twenty requests fails',
        series: [
          series('api_requests_total', '0+57x30', { verb: 'update', code: '200' }),
          series('api_requests_total', '0+3x30', { verb: 'update', code: '500' }),
        ],
        at: '30m',
        alerts: [],
      },
      {
        title: 'Secrets do not exist yet, writes conflict, and a quota forbids some',
        series: [
          series('api_requests_total', '0+1x30', { verb: 'update', code: '200' }),
          series('api_requests_total', '0+9x30', { verb: 'get', code: '404' }),
          series('api_requests_total', '0+9x30', { verb: 'update', code: '409' }),
          series('api_requests_total', '0+9x30', { verb: 'create', code: '403' }),
        ],
        at: '30m',
        alerts: [],
      },
      {
        title: 'an outage lasts for ten minutes',
        series: [
          series('api_requests_total', '0+60x10 600+0x10 660+60x20', { verb: 'get', code: '200' }),
          series('api_requests_total', '0x10 0+60x10 600+0x20', { verb: 'get', code: '<error>' }),
        ],
        at: '40m',
        alerts: [],
      },
    ],
  },
];
