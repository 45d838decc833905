import { readFile } from 'node:fs/promises';
import { createSecureContext } from 'node:tls';
import type { Clock } from '../../clock.ts';
import { fail } from '../../errors.ts';
import { fileProblem } from '../http/file-problem.ts';
import type { ResolvedContext } from './kubeconfig/resolve.ts';
import type { User } from './kubeconfig/types.ts';
import type { Access, Tls } from '../http/connection.ts';
import { execInfo, type Credential } from './exec-credential.ts';
import { ExecPlugin } from './exec-plugin.ts';
import { basic, bearer, impersonation } from './headers.ts';
import { loginHeader } from '../http/proxy.ts';
import { Reread } from './reread.ts';

/**
 * Trust and credentials of one cluster and user. Tokens and certificates are read from their files again and again; a
 * plugin is asked where nothing else says who we are. As with kubectl, of all that only what the URL itself says is sent
 * over plain http.
 */
export class Credentials {
  readonly #chosen: ResolvedContext;
  readonly #files: Reread;
  readonly #plugin: ExecPlugin | undefined;
  /** The cluster's certificates, as the plugin is to know them. */
  #authority: Buffer = Buffer.alloc(0);
  #given: { readonly by: Credential; readonly over: Access; readonly access: Access } | undefined;

  constructor(chosen: ResolvedContext, environment: NodeJS.ProcessEnv, clock: Clock) {
    this.#chosen = chosen;
    this.#files = new Reread(() => this.#fromFiles(), clock);
    const { exec } = chosen.user;
    if (exec && isSecure(chosen) && !identifies(chosen.user)) {
      const info = (interactive: boolean): string =>
        execInfo(exec, interactive, chosen.server, chosen.cluster, this.#authority);
      this.#plugin = new ExecPlugin(exec, info, environment, clock);
    }
  }

  /** The same object for as long as nothing has changed. */
  async access(): Promise<Access> {
    const over = await this.#files.access();
    if (this.#plugin === undefined) return over;
    const by = await this.#plugin.credential();
    if (this.#given?.by !== by || this.#given.over !== over) {
      this.#given = { by, over, access: withCredential(over, by, this.#user) };
    }
    return this.#given.access;
  }

  /** Asks the plugin, or reads the files, again, unless that has happened since. */
  async renew(refused: Access): Promise<void> {
    if (this.#plugin === undefined) return this.#files.renew(refused);
    if (this.#given?.access === refused) await this.#plugin.renew(this.#given.by);
  }

  /** Reads the files again, unless that has happened since, or a moment ago without a change. */
  async renewTrust(refused: Access): Promise<void> {
    if (this.#plugin === undefined) return this.#files.renewTrust(refused);
    if (this.#given?.access === refused) await this.#files.renewTrust(this.#given.over);
  }

  get #user(): string {
    return subject('user', this.#chosen.userName);
  }

  async #fromFiles(): Promise<Access> {
    const headers = {
      ...loginHeader('authorization', this.#chosen.url),
      ...impersonation(this.#chosen.user.impersonate, this.#user),
    };
    if (!isSecure(this.#chosen)) return { tls: {}, headers };
    return { tls: await this.#tls(), headers: { ...(await this.#identity()), ...headers } };
  }

  async #identity(): Promise<Access['headers']> {
    const { user } = this.#chosen;
    if (user.tokenFile) return bearer(await tokenIn(user), this.#user);
    if (user.token) return bearer(user.token, this.#user);
    return user.username || user.password ? basic(user) : {};
  }

  async #tls(): Promise<Tls> {
    const { cluster, user } = this.#chosen;
    this.#authority = await contents(cluster.certificateAuthority, cluster.certificateAuthorityData);
    const cert = await contents(user.clientCertificate, user.clientCertificateData);
    const key = cert.length > 0 ? await contents(user.clientKey, user.clientKeyData) : cert;
    return {
      ...trust(this.#authority, subject('cluster', this.#chosen.clusterName)),
      ...(cert.length === 0 ? {} : clientCertificate(cert.toString(), key.toString(), this.#user)),
      ...(cluster.tlsServerName === '' ? {} : { servername: cluster.tlsServerName }),
      ...(cluster.insecureSkipTlsVerify ? { rejectUnauthorized: false } : {}),
    };
  }
}

function isSecure(chosen: ResolvedContext): boolean {
  return chosen.server.startsWith('https:');
}

/** Whether there are credentials without a plugin: then it is not asked. */
function identifies(user: User): boolean {
  const certificate = user.clientCertificate !== '' || user.clientCertificateData.length > 0;
  return (
    certificate || [user.token, user.tokenFile, user.username, user.password].some((text) => text !== '')
  );
}

function subject(what: string, name: string): string {
  return name === '' ? `the ${what}` : `${what} "${name}"`;
}

/** The file counts where there is one: it is what changes. */
async function tokenIn({ tokenFile, token }: User): Promise<string> {
  try {
    return (await readFile(tokenFile, 'utf8')).trim() || token;
  } catch (error) {
    return token === '' ? fail(fileProblem(tokenFile, error).failure) : token;
  }
}

async function contents(file: string, data: Buffer): Promise<Buffer> {
  if (file === '') return data;
  try {
    return await readFile(file);
  } catch (error) {
    return fail(fileProblem(file, error).failure);
  }
}

function trust(authority: Buffer, of: string): Tls {
  if (authority.length === 0) return {};
  const pem = authority.toString('latin1');
  if (!pem.includes('-----BEGIN CERTIFICATE-----')) {
    fail({ code: 'NotACertificate', at: `the certificate authority of ${of}` });
  }
  return { ca: pem };
}

/** Checked here, for a pair that does not fit would look like a failed connection. */
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
