/** How to reach an API server and who to be there. */
export interface Connection {
  /** The base URL, without a slash at its end. */
  readonly server: string;
  /** The namespace that the configuration names, if it names one. */
  readonly namespace: string | undefined;
  /** Trust and credentials as they are now: tokens and CA files change under a running process. */
  access(): Promise<Access>;
}

export interface Access {
  readonly tls: Tls;
  readonly headers: Readonly<Record<string, string>>;
}

export interface Tls {
  readonly ca?: string | Buffer;
  readonly cert?: string | Buffer;
  readonly key?: string | Buffer;
  readonly passphrase?: string;
  readonly servername?: string;
  readonly rejectUnauthorized?: boolean;
}
