import type { Proxy } from './proxy.ts';
import type { Roots } from './system-roots.ts';

/** How to reach an API server and who to be there. */
export interface Connection {
  /** The base URL, without a slash at its end. */
  readonly server: string;
  /** The namespace that the configuration names, if it names one. */
  readonly namespace: string | undefined;
  /** What stands between us and the server. */
  readonly proxy?: Proxy | undefined;
  /** What is trusted where `access` names no CA; the roots that are built into Node by default. */
  readonly roots?: Roots | undefined;
  /** How long a request may take, in milliseconds, whatever else is usual for it. */
  readonly timeout?: number | undefined;
  /** Trust and credentials as they are now: tokens and CA files change under a running process. */
  access(): Promise<Access>;
  /** Gets new credentials, after the server has refused these. Absent where there are no others. */
  renew?(refused: Access): Promise<void>;
  /** Looks for new CA certificates, after the server's certificate was not trusted. Absent where there are no others. */
  renewTrust?(refused: Access): Promise<void>;
}

export interface Access {
  readonly tls: Tls;
  /** Several values make several headers. */
  readonly headers: Readonly<Record<string, string | readonly string[]>>;
}

export interface Tls {
  readonly ca?: string | Buffer | (string | Buffer)[];
  readonly cert?: string | Buffer;
  readonly key?: string | Buffer;
  readonly passphrase?: string;
  readonly servername?: string;
  readonly rejectUnauthorized?: boolean;
}
