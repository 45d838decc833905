import { Gauge, type Registry } from 'prom-client';
import type { Certificate } from '../../shared/crypto/certificate.ts';
import { Failure } from '../../shared/errors.ts';
import type { SealingKey } from '../keys/key-secret.ts';
import type { QueueDepths } from '../workqueue/work-queue.ts';
import { PREFIX } from './prefix.ts';

/** The state that gauges read at each scrape. */
export interface State {
  readonly queue: { readonly waiting: QueueDepths };
  readonly keys: { readonly all: readonly SealingKey[]; readonly certificate: Certificate | undefined };
}

/** The priorities of the work queue, and their values of the label `lane`, which dashboards use. */
const LANES = [
  ['high', 'fresh'],
  ['retry', 'retry'],
  ['low', 'backlog'],
  ['delayed', 'delayed'],
] as const;

/** Registers gauges that read the state at each scrape, so that nothing has to keep them up to date. */
export function registerState(registry: Registry, { queue, keys }: State): void {
  const registers = [registry];
  new Gauge({
    name: `${PREFIX}queue_depth`,
    help: 'SealedSecrets that wait, by lane: fresh, retry, backlog; delayed: until a pause is over.',
    labelNames: ['lane'],
    registers,
    collect() {
      const { depths } = queue.waiting;
      for (const [priority, lane] of LANES) this.set({ lane }, depths[priority]);
    },
  });
  new Gauge({
    name: `${PREFIX}queue_oldest_age_seconds`,
    help: 'How long the SealedSecret has been waiting that waits longest, but for the delayed ones.',
    registers,
    collect() {
      this.set(queue.waiting.oldest);
    },
  });
  registerKeys(registers, keys);
}

function registerKeys(registers: Registry[], keys: State['keys']): void {
  new Gauge({
    name: `${PREFIX}key_info`,
    help: '1 for each sealing key: whether the controller seals with it, or only opens.',
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
    ['not_before', 'begins', 'notBefore'],
    ['not_after', 'ends', 'notAfter'],
  ] as const) {
    new Gauge({
      name: `${PREFIX}key_${name}_timestamp_seconds`,
      help: `When the validity of a sealing key's certificate ${what}, in Unix time.`,
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
