import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Clock } from '../clock.ts';
import { fail } from '../errors.ts';
import type { Access, Connection } from './connection.ts';

/** Where Kubernetes mounts a pod's ServiceAccount. */
export const SERVICE_ACCOUNT_DIR = '/var/run/secrets/kubernetes.io/serviceaccount';

/** Tokens are renewed on disk well before they expire; a minute is what client-go allows itself. */
const REREAD_AFTER = 60_000;

/**
 * The connection that a pod has: server from the environment, token and CA from the ServiceAccount's files, read
 * here so that no kubeconfig library need be loaded. Null outside a pod; throws `NoCluster` where files are missing.
 */
export async function inClusterConnection(
  environment: NodeJS.ProcessEnv,
  clock: Clock,
  dir: string = SERVICE_ACCOUNT_DIR,
): Promise<Connection | null> {
  const host = environment['KUBERNETES_SERVICE_HOST'];
  const port = environment['KUBERNETES_SERVICE_PORT'];
  if (host === undefined || host === '' || port === undefined || port === '') return null;

  let read: { readonly access: Access; readonly at: number } | undefined;
  const connection: Connection = {
    server: `https://${host.includes(':') ? `[${host}]` : host}:${port}`,
    namespace: await serviceAccountNamespace(dir),
    async access() {
      const now = clock.now().getTime();
      if (read === undefined || now - read.at > REREAD_AFTER) {
        read = { access: await readAccess(dir), at: now };
      }
      return read.access;
    },
  };
  await connection.access();
  return connection;
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

async function readAccess(dir: string): Promise<Access> {
  try {
    const [token, ca] = await Promise.all([
      readFile(join(dir, 'token'), 'utf8'),
      readFile(join(dir, 'ca.crt'), 'utf8'),
    ]);
    return { tls: { ca }, headers: { authorization: `Bearer ${token.trim()}` } };
  } catch {
    return fail({ code: 'NoCluster', reason: `token and ca.crt cannot be read in ${dir}` });
  }
}
