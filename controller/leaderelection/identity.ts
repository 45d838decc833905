import { randomBytes } from 'node:crypto';
import { hostname } from 'node:os';

/**
 * Returns the identity of this process in the Lease.
 *
 * In a pod it is the name and the UID of the pod, so that a container that was killed and restarted in its pod finds its
 * own identity in the Lease and goes on at once. That is safe: the kubelet starts a container only after the one before
 * it has ended, and no other pod has the UID, so no two processes with this identity ever run at once. Elsewhere nothing
 * guarantees that, and the identity is random.
 */
export function identityOf(environment: NodeJS.ProcessEnv): string {
  const { POD_NAME: name, POD_UID: uid } = environment;
  if (name && uid) return `${name}_${uid}`;
  return `${name || hostname()}_${randomBytes(8).toString('hex')}`;
}
