import { Reader } from '../../api/reader.ts';
import { fail as failKubernetes } from '../errors.ts';
import { fail } from '../../api/errors.ts';
import type { Cluster, Exec } from './kubeconfig/types.ts';
import { readDocuments } from '../../manifest/read.ts';

/** The status of an ExecCredential (client.authentication.k8s.io/v1 and v1beta1). An absent text is empty. */
export interface Credential {
  readonly token: string;
  readonly clientCertificate: string;
  readonly clientKey: string;
  /** When the credential expires, in ms since 1970; undefined if it is valid for the life of the process. */
  readonly expires: number | undefined;
}

/** The input of an exec plugin. */
export interface ExecInput {
  readonly exec: Exec;
  /** Whether the plugin may prompt at the terminal. */
  readonly interactive: boolean;
  /** The base URL of the API server. */
  readonly server: string;
  readonly cluster: Cluster;
  /** The cluster's CA certificates, PEM; empty if there are none. */
  readonly authority: Buffer;
}

/** Returns the ExecCredential that the plugin gets in `KUBERNETES_EXEC_INFO`, as JSON. */
export function execInfo({ exec, interactive, server, cluster, authority }: ExecInput): string {
  const clusterInfo = {
    server,
    ...(cluster.tlsServerName === '' ? {} : { 'tls-server-name': cluster.tlsServerName }),
    ...(cluster.insecureSkipTlsVerify ? { 'insecure-skip-tls-verify': true } : {}),
    ...(authority.length === 0 ? {} : { 'certificate-authority-data': authority.toString('base64') }),
    ...(cluster.proxyUrl === '' ? {} : { 'proxy-url': cluster.proxyUrl }),
    ...(cluster.disableCompression ? { 'disable-compression': true } : {}),
    config: cluster.execConfig ?? null,
  };
  return JSON.stringify({
    kind: 'ExecCredential',
    apiVersion: exec.apiVersion,
    spec: { ...(exec.provideClusterInfo ? { cluster: clusterInfo } : {}), interactive },
  });
}

/**
 * Parses the output of the plugin. Throws `SealedSecretsError` with the place of what is wrong; the error never quotes
 * the output.
 */
export function parseCredential(output: Buffer, exec: Exec): Credential {
  const source = 'its output';
  const refuse = (problem: string): never => failKubernetes({ code: 'BadKubeconfig', at: source, problem });
  const [document] = readDocuments(output, source);
  if (document === undefined) return refuse('it is empty');
  const reader = new Reader(document.value, document.place);
  const kind = reader.requiredString('kind');
  if (kind !== 'ExecCredential') fail({ code: 'WrongKind', at: source, kind, wanted: 'ExecCredential' });
  const version = reader.requiredString('apiVersion');
  if (version !== exec.apiVersion) {
    fail({ code: 'WrongVersion', at: source, version, wanted: exec.apiVersion });
  }
  const status = reader.object('status') ?? refuse('it has no status');
  const credential = {
    token: status.string('token') ?? '',
    clientCertificate: status.string('clientCertificateData') ?? '',
    clientKey: status.string('clientKeyData') ?? '',
    expires: expiry(status.string('expirationTimestamp'), refuse),
  };
  if ((credential.clientCertificate === '') !== (credential.clientKey === '')) {
    refuse('only one of clientCertificateData and clientKeyData is set');
  }
  if (credential.token === '' && credential.clientKey === '') {
    refuse('it has neither a token nor a client certificate');
  }
  return credential;
}

const RFC3339 = /^\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)$/;

function expiry(text: string | undefined, refuse: (problem: string) => never): number | undefined {
  if (text === undefined || text === '') return undefined;
  const time = RFC3339.test(text) ? Date.parse(text) : NaN;
  return Number.isNaN(time) ? refuse('expirationTimestamp is not an RFC 3339 time') : time;
}
