import { fail } from '../../errors.ts';
import type { AuthProviderConfig, Cluster, Exec, User } from './types.ts';

// The checks of client-go's validation (tools/clientcmd/validation.go).

/**
 * Throws `BadKubeconfig` if client-go would refuse the user.
 *
 * @param at the kubeconfig files, for the error; empty for the flags
 */
export function checkUser(user: User, name: string, at: string): void {
  const refuse = (problem: string): never => refused({ at, what: 'user', name }, problem);
  if ((user.token || user.tokenFile) && (user.username || user.password)) {
    refuse('both a token and a username or password are set; keep one');
  }
  if (user.clientCertificate || user.clientCertificateData.length > 0) checkClientCertificate(user, refuse);
  if (user.exec) checkExec(user.exec, refuse);
  if (user.authProvider) checkAuthProvider(user.authProvider, user, refuse);
  const { impersonate } = user;
  const more = impersonate.uid !== '' || impersonate.groups.length > 0 || impersonate.extra.size > 0;
  if (more && impersonate.user === '') {
    refuse('a uid, groups or extras to impersonate are set without a user (as)');
  }
}

function checkClientCertificate(user: User, refuse: (problem: string) => never): void {
  if (user.clientCertificate && user.clientCertificateData.length > 0) {
    refuse('both client-certificate and client-certificate-data are set; keep one');
  }
  if (user.clientKey && user.clientKeyData.length > 0) {
    refuse('both client-key and client-key-data are set; keep one');
  }
  if (!user.clientKey && user.clientKeyData.length === 0) {
    refuse('a client certificate is set without its key; add client-key or client-key-data');
  }
}

const EXEC_VERSIONS = ['client.authentication.k8s.io/v1', 'client.authentication.k8s.io/v1beta1'];
const MODES = ['Never', 'IfAvailable', 'Always'];

function checkExec(exec: Exec, refuse: (problem: string) => never): void {
  if (exec.command === '') refuse('exec.command is missing');
  if (exec.apiVersion === '') refuse('exec.apiVersion is missing');
  if (!EXEC_VERSIONS.includes(exec.apiVersion)) {
    refuse(`exec.apiVersion "${exec.apiVersion}" is not supported; use ${EXEC_VERSIONS.join(' or ')}`);
  }
  if (exec.env.some(({ name }) => name === '')) refuse('a variable of exec.env has no name');
  if (exec.interactiveMode === '') {
    refuse('exec.interactiveMode is missing; set it to Never, IfAvailable or Always');
  }
  if (!MODES.includes(exec.interactiveMode)) {
    refuse(`exec.interactiveMode "${exec.interactiveMode}" is not valid; use Never, IfAvailable or Always`);
  }
}

const AUTH_PROVIDERS = ['oidc', 'gcp', 'azure'];

function checkAuthProvider(
  { name }: AuthProviderConfig,
  user: User,
  refuse: (problem: string) => never,
): void {
  if (user.exec) refuse('both exec and auth-provider are set; keep one');
  if (AUTH_PROVIDERS.includes(name)) return;
  const named = name === '' ? '' : ` "${name}"`;
  refuse(`auth-provider${named} is not supported; use an exec plugin`);
}

/** Returns the server's URL. Throws `BadKubeconfig` if client-go would refuse the cluster. */
export function checkCluster(cluster: Cluster, name: string, at: string): URL {
  const refuse = (problem: string): never => refused({ at, what: 'cluster', name }, problem);
  if (cluster.server === '') refuse('it has no server');
  const hasData = cluster.certificateAuthorityData.length > 0;
  if (cluster.certificateAuthority && hasData) {
    refuse('both certificate-authority and certificate-authority-data are set; keep one');
  }
  const url = serverUrl(cluster.server) ?? refuse('its server is not a URL such as https://example.com:6443');
  const trusts = cluster.certificateAuthority !== '' || hasData;
  if (url.protocol === 'https:' && cluster.insecureSkipTlsVerify && trusts) {
    refuse('both insecure-skip-tls-verify and a certificate authority are set; keep one');
  }
  return url;
}

/** Parses a URL, or a bare `HOST:PORT`, which means plain http. */
function serverUrl(server: string): URL | undefined {
  const text = /^[a-z][a-z0-9+.-]*:\/\/[^/]/i.test(server) ? server : `http://${server}`;
  if (!URL.canParse(text)) return undefined;
  const url = new URL(text);
  if (url.protocol !== 'http:' && url.protocol !== 'https:') return undefined;
  return text !== server && url.pathname !== '/' ? undefined : url;
}

/** An entry of a kubeconfig; without a name if the flags define it. */
interface Entry {
  readonly at: string;
  readonly what: 'user' | 'cluster';
  readonly name: string;
}

function refused({ at, what, name }: Entry, problem: string): never {
  const subject = name === '' ? problem : `${what} "${name}": ${problem}`;
  return fail({ code: 'BadKubeconfig', at: at === '' ? 'the flags' : at, problem: subject });
}
