import { Failure, SealedSecretsError, type DetailsIn, type Wording } from '../errors.ts';
import { joined } from '../text.ts';

/** The messages about the connection to the API server, by code. */
const WORDING = {
  NoCluster: (f: { reason: string }) => `no cluster is configured: ${f.reason}`,
  BadKubeconfig: (f: { at: string; problem: string }) => `${f.at}: ${f.problem}`,
  BadTrustStore: (f: { from: string; problem: string }) => `${f.from}: ${f.problem}`,
  BadProxy: (f: { from: string; problem: string }) => `${f.from}: ${f.problem}`,
  NoCredentials: (f: { plugin: string; problem: string }) =>
    `no credentials for the cluster: exec plugin "${f.plugin}": ${f.problem}`,
  NoToken: (f: { user: string; provider: string; problem: string }) =>
    `no credentials for the cluster: user "${f.user}", auth-provider "${f.provider}": ${f.problem}`,
  Unreachable: (f: { server: string; reason: string }) => `cannot reach ${f.server}: ${f.reason}`,
  ApiRefused: (f: {
    what: string;
    status: number;
    reason: string;
    fields: readonly string[];
    /** What refused the object. */
    cause?: string;
    /** The API server's message, without values. */
    message?: string;
    /** How to see more. */
    hint?: string;
  }) =>
    `the API server refused to ${f.what}: ${f.status}${f.reason === '' ? '' : ` ${f.reason}`}${
      f.fields.length === 0 ? '' : ` (${joined(f.fields)})`
    }${f.cause === undefined ? '' : `: ${f.cause}`}${f.message === undefined ? '' : `: ${f.message}`}${
      f.hint === undefined ? '' : `; ${f.hint}`
    }`,
  BadAnswer: (f: { what: string; problem: string }) => `${f.what}: ${f.problem}`,
  NotLeader: () => 'another replica may be the leader; nothing is written',
  CertificateUrl: (f: { url: string; reason: string }) => `cannot fetch certificate: ${f.url}: ${f.reason}`,
} satisfies Wording;

/** A failure about the connection to the API server. */
export type KubernetesFailure = Failure<DetailsIn<typeof WORDING>>;

/** Returns a failure about the connection to the API server. */
export function kubernetesFailure(details: KubernetesFailure['details']): KubernetesFailure {
  return new Failure(details, WORDING);
}

/** Throws a failure about the connection to the API server, as `SealedSecretsError`. */
export function fail(details: KubernetesFailure['details']): never {
  throw new SealedSecretsError(kubernetesFailure(details));
}

/** Whether a failure is about the connection to the API server. */
export function isKubernetesFailure(failure: Failure): failure is KubernetesFailure {
  return failure.isOneOf(WORDING);
}
