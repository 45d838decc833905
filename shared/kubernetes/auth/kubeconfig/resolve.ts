import { fail } from '../../errors.ts';
import type { LoadedKubeconfig } from './load.ts';
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

/** The cluster and user to connect with, after the flags are applied. */
export interface ResolvedContext {
  /** The base URL, without a trailing slash and without a login. Safe to show. */
  readonly server: string;
  /** The full URL, which may hold a login. */
  readonly url: URL;
  readonly cluster: Cluster;
  readonly user: User;
  /** The names in the kubeconfig, for messages; empty if only flags define the cluster or user. */
  readonly clusterName: string;
  readonly userName: string;
}

/**
 * Resolves the cluster and user of the context and applies the flags to them, by the rules of client-go's
 * DirectClientConfig. If neither names a cluster, returns the reason in `nothing`; a pod can then use its
 * ServiceAccount. Throws `BadKubeconfig` for missing names and for settings that exclude each other.
 */
export function resolveContext(
  loaded: LoadedKubeconfig,
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

/** Returns the effective context; an empty one if none is named. Throws `BadKubeconfig` if the named one is missing. */
export function contextOf({ config, at }: LoadedKubeconfig, overrides: Overrides): Context {
  const name = overrides.context || config.currentContext;
  const found = config.contexts.get(name);
  if (found === undefined && name !== '') missing(at, 'context', name);
  return found ?? NO_CONTEXT;
}

function missing(at: string, what: string, name: string): never {
  const where = at === '' ? 'no kubeconfig was found' : at;
  return fail({ code: 'BadKubeconfig', at: where, problem: `${what} "${name}" does not exist` });
}

function isEmpty(cluster: Cluster): boolean {
  return Object.values(cluster).every((value) => !value || (Buffer.isBuffer(value) && value.length === 0));
}

function whyNone({ config, at }: LoadedKubeconfig, overrides: Overrides, cluster: string): string {
  if (at === '') return 'no kubeconfig was found';
  const context = overrides.context || config.currentContext;
  if (context === '' && cluster === '') return `${at}: no current-context; choose one with --context`;
  if (cluster === '') return `${at}: context "${context}" has no cluster`;
  return `${at}: cluster "${cluster}" of context "${context}" does not exist`;
}

/** Applies the flags to the user. A certificate or key from a flag replaces both forms in the kubeconfig. */
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

/**
 * Applies the flags to the cluster. A trust flag replaces all trust settings of the kubeconfig, and `--server` also its
 * TLS server name.
 */
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
