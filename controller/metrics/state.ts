import { Gauge, type Registry } from 'prom-client';
import type { Certificate } from '../../shared/crypto/certificate.ts';
import { Failure } from '../../shared/errors.ts';
import type { VerifiedBackups } from '../../shared/key-record/record.ts';
import type { SealingKey } from '../keys/key-secret.ts';
import type { QueueDepths } from '../workqueue/work-queue.ts';
import { PREFIX } from './prefix.ts';

/** The state that gauges read at each scrape. */
export interface State {
  readonly queue: { readonly waiting: QueueDepths };
  readonly keys: { readonly all: readonly SealingKey[]; readonly certificate: Certificate | undefined };
  /** When the newest key is due for renewal; undefined: never. */
  readonly renewal: { readonly renewalDue: Date | undefined };
  readonly record: RecordState;
}

/** What the key record says. */
export interface RecordState {
  /** When a backup with each key was verified last; undefined if there is no record or it cannot be read. */
  readonly backups: VerifiedBackups | undefined;
}

/** The priorities of the work queue, and their values of the label `lane`, which dashboards use. */
const LANES = [
  ['high', 'fresh'],
  ['retry', 'retry'],
  ['low', 'backlog'],
  ['delayed', 'delayed'],
] as const;

/** Registers gauges that read the state at each scrape, so that nothing has to keep them up to date. */
export function registerState(registry: Registry, { queue, keys, renewal, record }: State): void {
  const registers = [registry];
  new Gauge({
    name: `${PREFIX}queue_depth`,
    help: 'SealedSecrets in the queue, by lane: fresh, retry, backlog, or delayed until a retry is due.',
    labelNames: ['lane'],
    registers,
    collect() {
      const { depths } = queue.waiting;
      for (const [priority, lane] of LANES) this.set({ lane }, depths[priority]);
    },
  });
  new Gauge({
    name: `${PREFIX}queue_oldest_age_seconds`,
    help: 'Longest time that a SealedSecret has been waiting in the queue. Delayed ones do not count.',
    registers,
    collect() {
      this.set(queue.waiting.oldest);
    },
  });
  new Gauge({
    name: `${PREFIX}queue_oldest_fresh_age_seconds`,
    help: 'Longest time that a SealedSecret that has just changed has been waiting in the queue.',
    registers,
    collect() {
      this.set(queue.waiting.oldestHigh);
    },
  });
  registerBackups(registers, keys, record);
  registerKeys(registers, keys);
  new Gauge({
    name: `${PREFIX}key_renewal_due_timestamp_seconds`,
    help: 'When the newest key is due for renewal, in Unix time. Absent if the controller does not renew keys.',
    labelNames: ['fingerprint'],
    registers,
    collect() {
      this.reset();
      const [due, fingerprint] = [renewal.renewalDue, keys.certificate?.fingerprint];
      if (due && fingerprint !== undefined) this.set({ fingerprint }, due.getTime() / 1000);
    },
  });
}

function registerBackups(registers: Registry[], keys: State['keys'], record: RecordState): void {
  new Gauge({
    name: `${PREFIX}key_backup_verified_timestamp_seconds`,
    help: 'When a backup with a sealing key was verified last, in Unix time; 0: never. Absent without a key record.',
    labelNames: ['fingerprint'],
    registers,
    collect() {
      this.reset();
      const { backups } = record;
      if (backups === undefined) return;
      for (const { key } of keys.all) {
        const { fingerprint } = key;
        this.set({ fingerprint }, (backups.get(fingerprint)?.getTime() ?? 0) / 1000);
      }
    },
  });
}

function registerKeys(registers: Registry[], keys: State['keys']): void {
  new Gauge({
    name: `${PREFIX}key_info`,
    help: '1 for each sealing key, by use: seal (the newest key) or open (only decrypts).',
    labelNames: ['fingerprint', 'use'],
    registers,
    collect() {
      this.reset();
      for (const { key } of keys.all) {
        const { fingerprint } = key;
        this.set({ fingerprint, use: keys.certificate?.fingerprint === fingerprint ? 'seal' : 'open' }, 1);
      }
    },
  });
  for (const [name, what, end] of [
    ['not_before', 'Start', 'notBefore'],
    ['not_after', 'End', 'notAfter'],
  ] as const) {
    new Gauge({
      name: `${PREFIX}key_${name}_timestamp_seconds`,
      help: `${what} of the validity of a sealing key's certificate, in Unix time.`,
      labelNames: ['fingerprint'],
      registers,
      collect() {
        this.reset();
        for (const { key, certificate } of keys.all) {
          if (certificate instanceof Failure) continue;
          this.set({ fingerprint: key.fingerprint }, certificate[end].getTime() / 1000);
        }
      },
    });
  }
}
