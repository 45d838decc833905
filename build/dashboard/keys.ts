import { metric, type Row } from './panel.ts';

/** Returns the latest value of each key. All replicas report the same. */
function byKey(selector: string): string {
  return `max by (fingerprint) (${selector})`;
}

/** The row about sealing keys. */
export const KEYS: Row = {
  title: 'Keys',
  panels: [
    {
      kind: 'table',
      width: 12,
      title: 'Sealing keys',
      description:
        'Each key, the validity of its certificate, how many SealedSecrets it opened last, and its last verified backup.',
      unit: 'short',
      targets: [
        { expr: `${byKey(metric('key_not_before_timestamp_seconds'))} * 1000`, legend: 'from' },
        { expr: `${byKey(metric('key_not_after_timestamp_seconds'))} * 1000`, legend: 'until' },
        { expr: byKey(metric('key_objects')), legend: 'SealedSecrets' },
        { expr: `${byKey(metric('key_backup_verified_timestamp_seconds'))} * 1000`, legend: 'backup' },
      ],
      columns: [
        { field: 'fingerprint', title: 'Fingerprint' },
        { field: 'Value #A', title: 'Valid from', unit: 'dateTimeAsIso' },
        { field: 'Value #B', title: 'Valid until', unit: 'dateTimeAsIso' },
        { field: 'Value #C', title: 'SealedSecrets' },
        { field: 'Value #D', title: 'Backup verified', unit: 'dateTimeAsIso', texts: { '0': 'never' } },
      ],
    },
    {
      kind: 'timeseries',
      width: 6,
      title: 'SealedSecrets by key',
      description:
        'A key with none is not needed by the cluster. Files that were never applied may still need it.',
      unit: 'short',
      targets: [{ expr: byKey(metric('key_objects')), legend: '{{fingerprint}}' }],
      isStacked: true,
    },
    {
      kind: 'timeseries',
      width: 6,
      title: 'Age of keys',
      description: 'Time since the start of the validity of the certificate. The newest key seals.',
      unit: 's',
      targets: [
        {
          expr: `time() - ${byKey(metric('key_not_before_timestamp_seconds'))}`,
          legend: '{{fingerprint}}',
        },
      ],
    },
  ],
};
