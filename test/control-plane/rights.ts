import { at } from './admin-client.ts';
import type { ControlPlane } from './control-plane.ts';
import { until } from './until.ts';

const API_VERSION = 'rbac.authorization.k8s.io/v1';
const GROUP = 'markers.invalid';
const NAMESPACE = 'default';

let markers = 0;

/**
 * Waits until the API server applies all roles and bindings that were written before this call. Its authorizer watches
 * each of the four kinds, so it knows of the earlier ones as soon as it knows of one more of each.
 */
export async function rightsInForce(plane: ControlPlane): Promise<void> {
  const name = `marker-${process.pid}-${++markers}`;
  const items = [
    ...marker('ClusterRole', { name }, 'everywhere'),
    ...marker('Role', { name, namespace: NAMESPACE }, 'here'),
  ];
  await plane.apply(JSON.stringify({ apiVersion: 'v1', kind: 'List', items }));
  await until('the rights to be in force', async () => {
    const allowed = await Promise.all([
      isAllowed(plane, name, { resource: 'everywhere' }),
      isAllowed(plane, name, { resource: 'here', namespace: NAMESPACE }),
    ]);
    return allowed.every(Boolean) || undefined;
  });
}

/** Returns a role that allows nothing but to get a resource that does not exist, and its binding to a user of its name. */
function marker(
  kind: 'ClusterRole' | 'Role',
  metadata: { readonly name: string; readonly namespace?: string },
  resource: string,
): object[] {
  const { name } = metadata;
  const rules = [{ apiGroups: [GROUP], resources: [resource], verbs: ['get'] }];
  const apiGroup = 'rbac.authorization.k8s.io';
  const roleRef = { apiGroup, kind, name };
  const subjects = [{ apiGroup, kind: 'User', name }];
  return [
    { apiVersion: API_VERSION, kind, metadata, rules },
    { apiVersion: API_VERSION, kind: `${kind}Binding`, metadata, roleRef, subjects },
  ];
}

async function isAllowed(plane: ControlPlane, user: string, attributes: object): Promise<boolean> {
  const { body } = await plane.request('POST', '/apis/authorization.k8s.io/v1/subjectaccessreviews', {
    apiVersion: 'authorization.k8s.io/v1',
    kind: 'SubjectAccessReview',
    spec: { user, resourceAttributes: { group: GROUP, verb: 'get', ...attributes } },
  });
  return at(body, 'status', 'allowed') === true;
}
