import { metric, rate, type Row } from './panel.ts';

const PLOT = { kind: 'timeseries', width: 8 } as const;

/** The row about the API server. */
export const API_SERVER: Row = {
  title: 'API server',
  panels: [
    {
      ...PLOT,
      title: 'Requests by verb',
      description: 'Requests that the controller sends.',
      unit: 'reqps',
      targets: [{ expr: rate(metric('api_requests_total'), 'verb'), legend: '{{verb}}' }],
      isStacked: true,
    },
    {
      ...PLOT,
      title: 'Failed requests by code',
      description: '404 and 409 are part of normal work. 429 is throttling, <error> is no response.',
      unit: 'reqps',
      targets: [{ expr: rate(metric('api_requests_total', 'code!~"2.."'), 'code'), legend: '{{code}}' }],
      isStacked: true,
    },
    {
      ...PLOT,
      title: 'Share of errors and throttling',
      description:
        'Share of requests with 5xx, 429 or no response. The alert SealedSecretsApiErrors fires above 10 %.',
      unit: 'percentunit',
      targets: [
        {
          expr:
            `(${rate(metric('api_requests_total', 'code=~"5..|<error>"'))} or vector(0)) ` +
            `/ ${rate(metric('api_requests_total'))}`,
          legend: 'errors',
        },
        {
          expr:
            `(${rate(metric('api_requests_total', 'code="429"'))} or vector(0)) ` +
            `/ ${rate(metric('api_requests_total'))}`,
          legend: 'throttled',
        },
      ],
    },
    {
      ...PLOT,
      title: 'Time since the last event of a watch',
      description:
        'A bookmark comes every minute. The alert SealedSecretsWatchSilent fires above five minutes.',
      unit: 's',
      targets: [{ expr: `max by (watch) (${metric('watch_last_event_age_seconds')})`, legend: '{{watch}}' }],
    },
    {
      ...PLOT,
      title: 'Watches',
      description: '1: the last list of the watch succeeded on all replicas. 0: it fails.',
      unit: 'short',
      targets: [{ expr: `min by (watch) (${metric('watch_synced')})`, legend: '{{watch}}' }],
    },
    {
      ...PLOT,
      title: 'Restarts, lists, what was left out',
      description:
        'A restart every few minutes and a list every 15 are normal; skipped objects are too large.',
      unit: 'ops',
      targets: [
        { expr: rate(metric('watch_restarts_total')), legend: 'restarts' },
        { expr: rate(metric('watch_lists_total')), legend: 'lists' },
        { expr: rate(metric('watch_skipped_objects_total')), legend: 'skipped objects' },
        { expr: rate(metric('events_dropped_total')), legend: 'dropped Events' },
      ],
    },
  ],
};

/** The row about the controller's own HTTP server. */
export const HTTP: Row = {
  title: 'HTTP server',
  panels: [
    {
      ...PLOT,
      title: 'Requests by path and code',
      description:
        'The certificate, verification and re-encryption. 409: it cannot be unsealed; 429: too many.',
      unit: 'reqps',
      targets: [{ expr: rate(metric('http_requests_total'), 'path, code'), legend: '{{path}} {{code}}' }],
    },
    {
      ...PLOT,
      title: 'Response time',
      description: '99th percentile of the time to answer.',
      unit: 's',
      targets: [
        {
          expr: `histogram_quantile(0.99, ${rate(metric('http_request_duration_seconds_bucket'), 'le, path')})`,
          legend: '{{path}}',
        },
      ],
    },
    {
      ...PLOT,
      title: 'Connections cut',
      description: 'Clients that exceeded a limit, by the limit. None is normal.',
      unit: 'ops',
      targets: [{ expr: rate(metric('http_connections_cut_total'), 'reason'), legend: '{{reason}}' }],
      noValue: 'none',
    },
  ],
};
