import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Clock } from '../../clock.ts';
import { fail } from '../../errors.ts';
import type { Overrides } from './kubeconfig/types.ts';
import type { Access, Connection } from '../http/connection.ts';
import { bearer, impersonation } from './headers.ts';
import { environmentProxy } from '../http/proxy.ts';
import { Reread } from './reread.ts';
import { systemRoots } from '../http/system-roots.ts';

/** Where Kubernetes mounts a pod's ServiceAccount. */
export const SERVICE_ACCOUNT_DIR = '/var/run/secrets/kubernetes.io/serviceaccount';

/**
 * The connection that a pod has: server from the environment, token and CA from the ServiceAccount's files. Null
 * outside a pod; throws `NoCluster` where files are missing. Of the flags, those that say who to be count: a server of
 * their own would make it another connection.
 */
export async function inClusterConnection(
  environment: NodeJS.ProcessEnv,
  clock: Clock,
  dir: string = SERVICE_ACCOUNT_DIR,
  overrides: Overrides = {},
): Promise<Connection | null> {
  const host = environment['KUBERNETES_SERVICE_HOST'];
  const port = environment['KUBERNETES_SERVICE_PORT'];
  if (!host || !port) return null;
  const server = `https://${host.includes(':') ? `[${host}]` : host}:${port}`;
  const files = new Reread(() => readAccess(dir, overrides), clock);
  await files.access();
  return {
    server,
    namespace: await serviceAccountNamespace(dir),
    proxy: environmentProxy(new URL(server), environment),
    roots: systemRoots(environment),
    access: () => files.access(),
    renew: (refused) => files.renew(refused),
    renewTrust: (refused) => files.renewTrust(refused),
  };
}

/** The namespace of the pod this runs in, from the ServiceAccount's files; undefined where there is none. */
export async function serviceAccountNamespace(
  dir: string = SERVICE_ACCOUNT_DIR,
): Promise<string | undefined> {
  try {
    const namespace = (await readFile(join(dir, 'namespace'), 'utf8')).trim();
    return namespace === '' ? undefined : namespace;
  } catch {
    return undefined;
  }
}

async function readAccess(dir: string, { token, as, asUid, asGroup }: Overrides): Promise<Access> {
  const [own, ca] = await Promise.all(
    ['token', 'ca.crt'].map((file) => readFile(join(dir, file), 'utf8').catch(() => undefined)),
  );
  if (own === undefined || ca === undefined) {
    return fail({ code: 'NoCluster', reason: `token and ca.crt cannot be read in ${dir}` });
  }
  const asked = {
    user: as ?? '',
    uid: asUid ?? '',
    groups: asGroup ?? [],
    extra: new Map<string, string[]>(),
  };
  return {
    tls: { ca },
    headers: { ...bearer(token || own.trim(), 'the ServiceAccount'), ...impersonation(asked, 'the flags') },
  };
}
