import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Clock } from '../../clock.ts';
import { fail } from '../errors.ts';
import type { Overrides } from './kubeconfig/types.ts';
import type { Access, Connection } from '../http/connection.ts';
import { bearer, impersonation } from './headers.ts';
import { environmentProxy } from '../http/proxy.ts';
import { Reread } from './reread.ts';
import { systemRoots } from '../http/system-roots.ts';

/** The folder where Kubernetes mounts a pod's ServiceAccount. */
export const SERVICE_ACCOUNT_DIR = '/var/run/secrets/kubernetes.io/serviceaccount';

/**
 * Returns the connection of a pod: the server from the environment, the token and CA from the ServiceAccount's files.
 * Returns null outside a pod. Throws `NoCluster` if files are missing.
 *
 * @param options.dir the folder of the ServiceAccount's files
 * @param options.overrides only the token and the user to impersonate are applied
 */
export async function inClusterConnection(
  environment: NodeJS.ProcessEnv,
  clock: Clock,
  options: { readonly dir?: string; readonly overrides?: Overrides } = {},
): Promise<Connection | null> {
  const { dir = SERVICE_ACCOUNT_DIR, overrides = {} } = options;
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

/** Returns the pod's namespace from the ServiceAccount's files; undefined outside a pod. */
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
  const [ownToken, ca] = await Promise.all(
    ['token', 'ca.crt'].map((file) => readFile(join(dir, file), 'utf8').catch(() => undefined)),
  );
  if (ownToken === undefined || ca === undefined) {
    return fail({ code: 'NoCluster', reason: `cannot read token and ca.crt in ${dir}` });
  }
  const impersonate = {
    user: as ?? '',
    uid: asUid ?? '',
    groups: asGroup ?? [],
    extra: new Map<string, string[]>(),
  };
  return {
    tls: { ca },
    headers: {
      ...bearer(token || ownToken.trim(), 'the ServiceAccount'),
      ...impersonation(impersonate, 'the flags'),
    },
  };
}
