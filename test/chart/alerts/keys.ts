import { replicas, series, TARGET, type AlertCases } from './situation.ts';

const NEW = { fingerprint: 'SHA256:new' };
const OLD = { fingerprint: 'SHA256:old' };
const SEALS = replicas('key_info', '1+0x120', { ...NEW, use: 'seal' });
/** A key that has expired, and is not used for sealing. */
const OPENS = [
  ...replicas('key_info', '1+0x120', { ...OLD, use: 'open' }),
  ...replicas('key_not_after_timestamp_seconds', '1+0x120', OLD),
];
const EXPIRES = 'key_not_after_timestamp_seconds';
const MADE = 'key_not_before_timestamp_seconds';
const BACKUP = 'key_backup_verified_timestamp_seconds';
const DUE = 'key_renewal_due_timestamp_seconds';

/** The alerts about sealing keys. */
export const KEYS: readonly AlertCases[] = [
  {
    alert: 'SealedSecretsNoSealingKey',
    severity: 'critical',
    situations: [
      {
        title: 'there is a key, but none that seals',
        series: [...replicas('build_info', '1+0x20', { revision: '1' }), ...OPENS],
        at: '11m',
        alerts: [TARGET],
      },
      {
        title: 'a key seals',
        series: [...replicas('build_info', '1+0x20', { revision: '1' }), ...SEALS, ...OPENS],
        at: '20m',
        alerts: [],
      },
      {
        title: 'the first key takes nine minutes',
        series: [
          ...replicas('build_info', '1+0x20', { revision: '1' }),
          ...replicas('key_info', '_x9 1+0x11', { ...NEW, use: 'seal' }),
        ],
        at: '20m',
        alerts: [],
      },
    ],
  },
  {
    alert: 'SealedSecretsKeyRenewalNear',
    severity: 'info',
    situations: [
      {
        title: 'the newest key is due tomorrow',
        series: replicas(DUE, '86400+0x20', NEW),
        at: '20m',
        alerts: [NEW],
      },
      {
        title: 'it is due in three days',
        series: replicas(DUE, '259200+0x20', NEW),
        at: '20m',
        alerts: [],
      },
      {
        title: 'it has been due since the beginning, which another alert is about',
        series: replicas(DUE, '0+0x20', NEW),
        at: '20m',
        alerts: [],
      },
    ],
  },
  {
    alert: 'SealedSecretsKeyRenewalOverdue',
    severity: 'warning',
    situations: [
      {
        title: 'the newest key was due 80 minutes ago',
        series: replicas(DUE, '0+0x80', NEW),
        at: '80m',
        alerts: [NEW],
      },
      {
        title: 'it was due 70 minutes ago',
        series: replicas(DUE, '0+0x70', NEW),
        at: '70m',
        alerts: [],
      },
      {
        title: 'it was renewed half an hour late',
        series: [...replicas(DUE, '0+0x30 stale', OLD), ...replicas(DUE, '_x31 2592000+0x80', NEW)],
        at: '110m',
        alerts: [],
      },
    ],
  },
  {
    alert: 'SealedSecretsKeyExpires',
    severity: 'warning',
    situations: [
      {
        title: 'the certificate of the newest key expires in two hours, and is not renewed',
        series: [...SEALS, ...OPENS, ...replicas(EXPIRES, '7200+0x120', NEW)],
        at: '110m',
        alerts: [NEW],
      },
      {
        title: 'its renewal is overdue',
        series: [...SEALS, ...replicas(EXPIRES, '99999+0x120', NEW), ...replicas(DUE, '0+0x120', NEW)],
        at: '110m',
        alerts: [NEW],
      },
      {
        title: 'it expires in eight days',
        series: [...SEALS, ...OPENS, ...replicas(EXPIRES, '691200+0x120', NEW)],
        at: '110m',
        alerts: [],
      },
      {
        title: 'it expires tomorrow, and is renewed before',
        series: [...SEALS, series(EXPIRES, '86400+0x120', NEW), series(DUE, '50000+0x120', NEW)],
        at: '110m',
        alerts: [],
      },
    ],
  },
  {
    alert: 'SealedSecretsKeyNotBackedUp',
    severity: 'warning',
    situations: [
      {
        title: 'one of two keys that are older than a day has no backup',
        series: [
          ...replicas(MADE, '-90000+0x20', NEW),
          ...replicas(BACKUP, '0+0x20', NEW),
          ...replicas(MADE, '-900000+0x20', OLD),
          ...replicas(BACKUP, '-800000+0x20', OLD),
        ],
        at: '20m',
        alerts: [NEW],
      },
      {
        title: 'a new key is 23 hours old',
        series: [...replicas(MADE, '-82000+0x20', NEW), ...replicas(BACKUP, '0+0x20', NEW)],
        at: '20m',
        alerts: [],
      },
      {
        title: 'the backup comes ten minutes late',
        series: [...replicas(MADE, '-86400+0x20', NEW), ...replicas(BACKUP, '0+0x10 600+0x10', NEW)],
        at: '20m',
        alerts: [],
      },
      {
        title: 'there is no key record, so nothing is known about backups',
        series: replicas(MADE, '-900000+0x20', NEW),
        at: '20m',
        alerts: [],
      },
    ],
  },
];
