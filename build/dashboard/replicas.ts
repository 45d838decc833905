import { metric, ofProcess, type Row } from './panel.ts';

const PLOT = { kind: 'timeseries', width: 8 } as const;

/** The row about the replicas and their processes. */
export const REPLICAS: Row = {
  title: 'Replicas',
  panels: [
    {
      ...PLOT,
      title: 'Leader',
      description: 'The replica that writes has 1.',
      unit: 'short',
      targets: [{ expr: `max by (instance) (${metric('leader')})`, legend: '{{instance}}' }],
      isStacked: true,
    },
    {
      ...PLOT,
      title: 'Changes of the leader',
      description:
        'Times that a replica has become the leader. Other than at updates, they point to a slow API server.',
      unit: 'short',
      targets: [
        {
          expr: `sum by (instance) (increase(${metric('leader_transitions_total')}[$__rate_interval]))`,
          legend: '{{instance}}',
        },
      ],
    },
    {
      ...PLOT,
      title: 'Memory',
      description:
        'Resident memory of the process, and what JavaScript uses of it. Child processes do not count.',
      unit: 'bytes',
      targets: [
        { expr: `max by (instance) (${ofProcess('process_resident_memory_bytes')})`, legend: '{{instance}}' },
        {
          expr: `max by (instance) (${ofProcess('nodejs_heap_size_used_bytes')})`,
          legend: '{{instance}}: heap',
        },
      ],
    },
    {
      ...PLOT,
      title: 'CPU',
      description: 'Cores in use.',
      unit: 'short',
      targets: [
        {
          expr: `sum by (instance) (rate(${ofProcess('process_cpu_seconds_total')}[$__rate_interval]))`,
          legend: '{{instance}}',
        },
      ],
    },
    {
      ...PLOT,
      title: 'Delay of the event loop',
      description:
        '99th percentile since the last scrape. More than a second: the process is overloaded or throttled.',
      unit: 's',
      targets: [
        {
          expr: `max by (instance) (${ofProcess('nodejs_eventloop_lag_p99_seconds')})`,
          legend: '{{instance}}',
        },
      ],
    },
    {
      ...PLOT,
      title: 'Open files',
      description: 'Files and connections, as a share of the limit of the process.',
      unit: 'percentunit',
      targets: [
        {
          expr:
            `max by (instance) (${ofProcess('process_open_fds')}) ` +
            `/ max by (instance) (${ofProcess('process_max_fds')})`,
          legend: '{{instance}}',
        },
      ],
    },
  ],
};
