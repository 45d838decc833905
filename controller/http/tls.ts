/** The files of a certificate and its key, PEM. */
export interface TlsFiles {
  readonly current: { readonly cert: string; readonly key: string };
}
