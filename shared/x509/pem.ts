/** The type and content of a PEM block. */
export interface PemBlock {
  readonly type: string;
  readonly der: Buffer;
}

/** Formats a block as PEM (RFC 7468), as Go's `encoding/pem` does. */
export function encodePem({ type, der }: PemBlock): string {
  const lines = der.toString('base64').replace(/.{64}(?=.)/g, '$&\n');
  return `-----BEGIN ${type}-----\n${lines}${lines === '' ? '' : '\n'}-----END ${type}-----\n`;
}
