import { readFile } from 'node:fs/promises';
import { createSecureContext } from 'node:tls';
import { SealedSecretsError } from '../../errors.ts';
import { fail } from '../errors.ts';
import { fileProblem } from '../http/file-problem.ts';
import type { ResolvedContext } from './kubeconfig/resolve.ts';
import type { User } from './kubeconfig/types.ts';
import type { Access, Tls } from '../http/connection.ts';
import { AuthProvider } from './auth-provider.ts';
import type { CredentialSource, Host } from './credential-source.ts';
import { execInfo, type Credential } from './exec-credential.ts';
import { ExecPlugin } from './exec-plugin.ts';
import { basic, bearer, impersonation } from './headers.ts';
import { loginHeader } from '../http/proxy.ts';
import { Reread } from './reread.ts';

/**
 * The trust and credentials of one cluster and user. Re-reads tokens and certificates from their files. Runs an exec
 * plugin or an auth provider if the kubeconfig has no other credentials. As with kubectl, only the login in the URL and
 * the impersonation headers are sent over plain http.
 */
export class Credentials {
  readonly #context: ResolvedContext;
  readonly #files: Reread;
  readonly #source: CredentialSource | undefined;
  /** The cluster's CA certificates, for the plugin. */
  #authority: Buffer = Buffer.alloc(0);
  /** The last access that was combined from a source's credential and the files. */
  #combined: { readonly credential: Credential; readonly files: Access; readonly access: Access } | undefined;

  constructor(context: ResolvedContext, environment: NodeJS.ProcessEnv, host: Host) {
    this.#context = context;
    this.#files = new Reread(() => this.#fromFiles(), host.clock);
    if (isSecure(context)) this.#source = this.#sourceFor(context, environment, host);
  }

  #sourceFor(
    { cluster, server, user, userName }: ResolvedContext,
    environment: NodeJS.ProcessEnv,
    host: Host,
  ): CredentialSource | undefined {
    const { exec, authProvider: provider } = user;
    const { clock } = host;
    if (exec && !hasCredentials(user)) {
      const info = (interactive: boolean): string =>
        execInfo({ exec, interactive, server, cluster, authority: this.#authority });
      return new ExecPlugin({ exec, info, environment, clock });
    }
    return provider && !hasHeader(user)
      ? new AuthProvider({ provider, user: userName, environment, host })
      : undefined;
  }

  /**
   * Returns the current access: the same object as long as nothing changes. Throws `NoCredentials`, `NoToken`, and the
   * errors of files.
   */
  async access(): Promise<Access> {
    const files = await this.#files.access();
    if (this.#source === undefined) return files;
    const credential = await this.#source.credential();
    if (this.#combined?.credential !== credential || this.#combined.files !== files) {
      this.#combined = { credential, files, access: withCredential(files, credential, this.#user) };
    }
    return this.#combined.access;
  }

  /** Gets a new credential, or re-reads the files, unless that has happened since `refused` was returned. */
  async renew(refused: Access): Promise<void> {
    if (this.#source === undefined) return this.#files.renew(refused);
    if (this.#combined?.access === refused) await this.#source.renew(this.#combined.credential);
  }

  /** Re-reads the files, unless that has happened since `refused` was returned, or just now without a change. */
  async renewTrust(refused: Access): Promise<void> {
    if (this.#source === undefined) return this.#files.renewTrust(refused);
    if (this.#combined?.access === refused) await this.#files.renewTrust(this.#combined.files);
  }

  get #user(): string {
    return subject('user', this.#context.userName);
  }

  async #fromFiles(): Promise<Access> {
    const headers = {
      ...loginHeader('authorization', this.#context.url),
      ...impersonation(this.#context.user.impersonate, this.#user),
    };
    if (!isSecure(this.#context)) return { tls: {}, headers };
    return { tls: await this.#tls(), headers: { ...(await this.#identity()), ...headers } };
  }

  async #identity(): Promise<Access['headers']> {
    const { user } = this.#context;
    if (user.tokenFile) return bearer(await tokenIn(user), this.#user);
    if (user.token) return bearer(user.token, this.#user);
    return user.username || user.password ? basic(user) : {};
  }

  async #tls(): Promise<Tls> {
    const { cluster, user } = this.#context;
    this.#authority = await contents(cluster.certificateAuthority, cluster.certificateAuthorityData);
    const cert = await contents(user.clientCertificate, user.clientCertificateData);
    const key = cert.length > 0 ? await contents(user.clientKey, user.clientKeyData) : cert;
    return {
      ...trust(this.#authority, subject('cluster', this.#context.clusterName)),
      ...(cert.length === 0 ? {} : clientCertificate(cert.toString(), key.toString(), this.#user)),
      ...(cluster.tlsServerName === '' ? {} : { servername: cluster.tlsServerName }),
      ...(cluster.insecureSkipTlsVerify ? { rejectUnauthorized: false } : {}),
    };
  }
}

function isSecure({ server }: ResolvedContext): boolean {
  return server.startsWith('https:');
}

/** Returns whether the user has credentials of its own, so that the plugin is not run. */
function hasCredentials(user: User): boolean {
  return user.clientCertificate !== '' || user.clientCertificateData.length > 0 || hasHeader(user);
}

/** Returns whether the user has a token or a password, so that the auth provider is not asked. */
function hasHeader({ token, tokenFile, username, password }: User): boolean {
  return [token, tokenFile, username, password].some((text) => text !== '');
}

function subject(what: string, name: string): string {
  return name === '' ? `the ${what}` : `${what} "${name}"`;
}

/** Returns the token. The file takes precedence over the inline token, since only the file changes. */
async function tokenIn({ tokenFile, token }: User): Promise<string> {
  try {
    return (await readFile(tokenFile, 'utf8')).trim() || token;
  } catch (error) {
    if (token === '') throw new SealedSecretsError(fileProblem(tokenFile, error).failure);
    return token;
  }
}

async function contents(file: string, data: Buffer): Promise<Buffer> {
  if (file === '') return data;
  try {
    return await readFile(file);
  } catch (error) {
    throw new SealedSecretsError(fileProblem(file, error).failure);
  }
}

function trust(authority: Buffer, of: string): Tls {
  if (authority.length === 0) return {};
  const pem = authority.toString('latin1');
  if (!pem.includes('-----BEGIN CERTIFICATE-----')) {
    const problem =
      'the certificate authority is not a PEM certificate (expected "-----BEGIN CERTIFICATE-----")';
    fail({ code: 'BadKubeconfig', at: of, problem });
  }
  return { ca: pem };
}

/** Checks that certificate and key match: a mismatch would otherwise look like a failed connection. */
function clientCertificate(cert: string, key: string, of: string): Tls {
  try {
    createSecureContext({ cert, key });
  } catch {
    const problem = 'the client certificate and its key cannot be read as PEM, or do not belong together';
    fail({ code: 'BadKubeconfig', at: of, problem });
  }
  return { cert, key };
}

function withCredential(access: Access, credential: Credential, of: string): Access {
  const { token, clientCertificate: cert, clientKey: key } = credential;
  return {
    tls: { ...access.tls, ...(cert === '' ? {} : clientCertificate(cert, key, of)) },
    headers: { ...(token === '' ? {} : bearer(token, of)), ...access.headers },
  };
}
