import { setTimeout as sleep } from 'node:timers/promises';
import type { Certificate } from '../shared/crypto/certificate.ts';
import { at } from '../test/control-plane/admin-client.ts';
import { until } from '../test/control-plane/until.ts';
import type { Cluster } from '../test/support/cluster.ts';
import { sealedSecret } from '../test/support/sealed.ts';

/** How many requests to keep in flight while objects are created. */
const PARALLEL = 20;

/** SealedSecrets to create, named `sealed-NUMBER`. */
export interface Many {
  readonly certificate: Certificate;
  readonly namespace: string;
  /** The first number, and the one after the last. */
  readonly from: number;
  readonly to: number;
  readonly items: Readonly<Record<string, string>>;
}

/** Creates SealedSecrets. They share their ciphertexts, so that sealing takes no CPU beside the controller. */
export async function createMany(cluster: Cluster, many: Many): Promise<void> {
  const { certificate, namespace, from, to, items } = many;
  const body = sealedSecret(certificate, { namespace, name: 'any' }, items, { scope: 'cluster-wide' });
  const names = Array.from({ length: to - from }, (_, index) => `sealed-${from + index}`).values();
  const creator = async (): Promise<void> => {
    for (const name of names) {
      await cluster.create('sealedsecrets', { ...body, metadata: { ...body.metadata, name } });
    }
  };
  await Promise.all(Array.from({ length: PARALLEL }, creator));
}

/** Waits until all SealedSecrets of the namespace are synced, for ten minutes at most. Lists them every `poll` ms. */
export async function allSynced(cluster: Cluster, namespace: string, poll: number): Promise<void> {
  await until(
    'all statuses',
    async () => {
      const all = await cluster.list('sealedsecrets', namespace);
      if (all.every((each) => at(each, 'status', 'conditions', 0, 'status') === 'True')) return true;
      await sleep(poll);
      return undefined;
    },
    600_000,
  );
}
