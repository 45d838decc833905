/** The kinds of Secrets that `create` makes, as kubectl names them. */
export const SECRET_KINDS = ['generic', 'docker-registry', 'tls'] as const;
/** A kind of Secret that `create` makes. */
export type SecretKind = (typeof SECRET_KINDS)[number];
