// A kubeconfig as client-go defines it (k8s.io/client-go/tools/clientcmd/api/v1). As there, an absent text is empty.

/** How to reach and trust an API server. */
export interface Cluster {
  readonly server: string;
  readonly tlsServerName: string;
  readonly insecureSkipTlsVerify: boolean;
  readonly certificateAuthority: string;
  readonly certificateAuthorityData: Buffer;
  readonly proxyUrl: string;
  readonly disableCompression: boolean;
  /** Cluster-specific configuration for an exec plugin, passed on as it is. */
  readonly execConfig: unknown;
}

/** Credentials. */
export interface User {
  readonly clientCertificate: string;
  readonly clientCertificateData: Buffer;
  readonly clientKey: string;
  readonly clientKeyData: Buffer;
  readonly token: string;
  readonly tokenFile: string;
  readonly username: string;
  readonly password: string;
  readonly impersonate: Impersonation;
  readonly authProvider: AuthProviderConfig | undefined;
  readonly exec: Exec | undefined;
}

/** The user to act as (`Impersonate-…` headers). */
export interface Impersonation {
  readonly user: string;
  readonly uid: string;
  readonly groups: readonly string[];
  readonly extra: ReadonlyMap<string, readonly string[]>;
}

/** A built-in mechanism that gets tokens. Of client-go's, only `oidc` is left; exec plugins replace the others. */
export interface AuthProviderConfig {
  readonly name: string;
  readonly config: ReadonlyMap<string, string>;
  /** The kubeconfig file that defines the user. New tokens are written to it. */
  readonly file: string;
}

/** A program that prints credentials. */
export interface Exec {
  /** An absolute path, or a name to look for in PATH. */
  readonly command: string;
  readonly args: readonly string[];
  readonly env: readonly { readonly name: string; readonly value: string }[];
  readonly apiVersion: string;
  readonly installHint: string;
  readonly provideClusterInfo: boolean;
  readonly interactiveMode: string;
}

/** The names of a cluster, a user, and a default namespace. */
export interface Context {
  readonly cluster: string;
  readonly user: string;
  readonly namespace: string;
}

/** One file, or several merged. */
export interface Kubeconfig {
  readonly currentContext: string;
  readonly clusters: ReadonlyMap<string, Cluster>;
  readonly users: ReadonlyMap<string, User>;
  readonly contexts: ReadonlyMap<string, Context>;
}

const NONE = Buffer.alloc(0);

/** A cluster without any setting. */
export const NO_CLUSTER: Cluster = {
  server: '',
  tlsServerName: '',
  insecureSkipTlsVerify: false,
  certificateAuthority: '',
  certificateAuthorityData: NONE,
  proxyUrl: '',
  disableCompression: false,
  execConfig: undefined,
};

/** A user without credentials. */
export const NO_USER: User = {
  clientCertificate: '',
  clientCertificateData: NONE,
  clientKey: '',
  clientKeyData: NONE,
  token: '',
  tokenFile: '',
  username: '',
  password: '',
  impersonate: { user: '', uid: '', groups: [], extra: new Map() },
  authProvider: undefined,
  exec: undefined,
};

/** A context that names nothing. */
export const NO_CONTEXT: Context = { cluster: '', user: '', namespace: '' };

/** The flags, and their environment variables, that override the kubeconfig. Named as in kubectl. */
export interface Overrides {
  /** A file that must exist, read instead of `KUBECONFIG` and `~/.kube/config`. */
  readonly kubeconfig?: string | undefined;
  readonly context?: string | undefined;
  readonly cluster?: string | undefined;
  readonly user?: string | undefined;
  readonly server?: string | undefined;
  readonly token?: string | undefined;
  readonly as?: string | undefined;
  readonly asUid?: string | undefined;
  readonly asGroup?: readonly string[] | undefined;
  readonly certificateAuthority?: string | undefined;
  readonly clientCertificate?: string | undefined;
  readonly clientKey?: string | undefined;
  readonly insecureSkipTlsVerify?: boolean | undefined;
  readonly tlsServerName?: string | undefined;
  readonly proxyUrl?: string | undefined;
  /** A Go duration (`90s`, `1m30s`) or bare seconds; 0 means no limit. */
  readonly requestTimeout?: string | undefined;
  readonly disableCompression?: boolean | undefined;
  readonly username?: string | undefined;
  readonly password?: string | undefined;
}
