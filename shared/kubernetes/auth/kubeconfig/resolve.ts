import { fail } from '../../../errors.ts';
import type { Loaded } from './load.ts';
import {
  NO_CLUSTER,
  NO_CONTEXT,
  NO_USER,
  type Cluster,
  type Context,
  type Overrides,
  type User,
} from './types.ts';
import { checkCluster, checkUser } from './check.ts';

/** The one cluster and the one user that are meant. */
export interface ResolvedContext {
  /** The base URL, without a slash at its end, and without a login, which is not to be shown. */
  readonly server: string;
  /** The URL itself. */
  readonly url: URL;
  readonly cluster: Cluster;
  readonly user: User;
  /** Names for messages; empty where flags alone say everything. */
  readonly clusterName: string;
  readonly userName: string;
}

/**
 * The cluster and user that context and flags choose, with what the flags replace in them, by the rules of client-go's
 * DirectClientConfig. Where they say nothing of a cluster at all, the reason why: a pod may have one by itself.
 * Throws `BadKubeconfig` or `NotInKubeconfig` for what does not go together.
 */
export function resolveContext(
  loaded: Loaded,
  overrides: Overrides,
): ResolvedContext | { readonly nothing: string } {
  const { config, at } = loaded;
  const context = contextOf(loaded, overrides);
  const clusterName = overrides.cluster || context.cluster;
  const userName = overrides.user || context.user;
  if (overrides.user && !config.users.has(overrides.user)) missing(at, 'user', overrides.user);
  if (overrides.cluster && !config.clusters.has(overrides.cluster)) missing(at, 'cluster', overrides.cluster);
  const user = userWith(config.users.get(userName) ?? NO_USER, overrides);
  const cluster = clusterWith(config.clusters.get(clusterName) ?? NO_CLUSTER, overrides);
  checkUser(user, userName, at);
  if (isEmpty(cluster)) return { nothing: whyNone(loaded, overrides, clusterName) };
  const url = checkCluster(cluster, clusterName, at);
  const server = (url.origin + url.pathname).replace(/\/+$/, '');
  return { server, url, cluster, user, clusterName, userName };
}

/** The context in force; an empty one where none is current. Throws where it is named and not there. */
export function contextOf({ config, at }: Loaded, overrides: Overrides): Context {
  const name = overrides.context || config.currentContext;
  const found = config.contexts.get(name);
  if (found === undefined && name !== '') missing(at, 'context', name);
  return found ?? NO_CONTEXT;
}

function missing(at: string, what: string, name: string): never {
  const where = at === '' ? 'there is no kubeconfig' : at;
  return fail({ code: 'BadKubeconfig', at: where, problem: `there is no ${what} "${name}"` });
}

function isEmpty(cluster: Cluster): boolean {
  return Object.values(cluster).every((value) => !value || (Buffer.isBuffer(value) && value.length === 0));
}

function whyNone({ config, at }: Loaded, overrides: Overrides, cluster: string): string {
  if (at === '') return 'there is no kubeconfig';
  const context = overrides.context || config.currentContext;
  if (context === '' && cluster === '') return `${at}: no current-context: choose one with --context`;
  if (cluster === '') return `${at}: the context "${context}" names no cluster`;
  return `${at}: there is no cluster "${cluster}", which the context "${context}" names`;
}

/** A certificate or key from a flag replaces those of the kubeconfig in whatever form. */
function userWith(user: User, flags: Overrides): User {
  const { clientCertificateData, clientKeyData } = user;
  return {
    ...user,
    clientCertificate: flags.clientCertificate || user.clientCertificate,
    clientCertificateData: flags.clientCertificate ? NO_USER.clientCertificateData : clientCertificateData,
    clientKey: flags.clientKey || user.clientKey,
    clientKeyData: flags.clientKey ? NO_USER.clientKeyData : clientKeyData,
    token: flags.token || user.token,
    username: flags.username || user.username,
    password: flags.password || user.password,
    impersonate: {
      user: flags.as || user.impersonate.user,
      uid: flags.asUid || user.impersonate.uid,
      groups: flags.asGroup?.length ? flags.asGroup : user.impersonate.groups,
      extra: user.impersonate.extra,
    },
  };
}

/** Trust and name belong to a server: a flag that replaces one of them leaves nothing over from the kubeconfig. */
function clusterWith(cluster: Cluster, flags: Overrides): Cluster {
  const ownTrust = flags.insecureSkipTlsVerify === true || !!flags.certificateAuthority;
  const trust = ownTrust
    ? {
        insecureSkipTlsVerify: flags.insecureSkipTlsVerify ?? false,
        certificateAuthority: flags.certificateAuthority ?? '',
        certificateAuthorityData: NO_CLUSTER.certificateAuthorityData,
      }
    : {};
  return {
    ...cluster,
    server: flags.server || cluster.server,
    tlsServerName: flags.tlsServerName || (flags.server ? '' : cluster.tlsServerName),
    proxyUrl: flags.proxyUrl || cluster.proxyUrl,
    disableCompression: flags.disableCompression === true || cluster.disableCompression,
    ...trust,
  };
}
