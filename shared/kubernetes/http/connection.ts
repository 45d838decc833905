import type { Proxy } from './proxy.ts';
import type { Roots } from './system-roots.ts';
import type { WriteGuard } from './write-guard.ts';

/** How to reach an API server, and as which user. */
export interface Connection {
  /** The base URL, without a trailing slash. */
  readonly server: string;
  /** The namespace in the configuration, if any. */
  readonly namespace: string | undefined;
  /** The proxy to connect through; absent for a direct connection. */
  readonly proxy?: Proxy | undefined;
  /** The roots to trust if `access` names no CA. Defaults to the roots that are built into Node. */
  readonly roots?: Roots | undefined;
  /** The time limit of each request, in ms. Takes precedence over the request's own limit. */
  readonly timeout?: number | undefined;
  /** Says until when requests other than GET may be sent and answered. Absent: always. */
  readonly writeGuard?: WriteGuard | undefined;
  /** Returns the current trust and credentials: tokens and CA files change while the process runs. */
  access(): Promise<Access>;
  /** Gets new credentials after the server has refused these. Absent if the credentials never change. */
  renew?(refused: Access): Promise<void>;
  /** Looks for new CA certificates after the server's certificate was not trusted. Absent if they never change. */
  renewTrust?(refused: Access): Promise<void>;
}

/** Trust and credentials for one request. */
export interface Access {
  readonly tls: Tls;
  /** Credentials and impersonation. A list of values is sent as several headers of that name. */
  readonly headers: Readonly<Record<string, string | readonly string[]>>;
}

/** The TLS options of a connection to an API server, as `tls.connect` takes them. */
export interface Tls {
  readonly ca?: string | Buffer | (string | Buffer)[];
  readonly cert?: string | Buffer;
  readonly key?: string | Buffer;
  readonly passphrase?: string;
  readonly servername?: string;
  readonly rejectUnauthorized?: boolean;
}
