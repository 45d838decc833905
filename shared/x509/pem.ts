import { base64Text } from '../bytes.ts';

/** The type and content of a PEM block. */
export interface PemBlock<B = Uint8Array> {
  readonly type: string;
  readonly der: B;
}

/** Formats a block as PEM (RFC 7468), as Go's `encoding/pem` does. */
export function encodePem({ type, der }: PemBlock): string {
  const lines = base64Text(der).replace(/.{64}(?=.)/g, '$&\n');
  return `-----BEGIN ${type}-----\n${lines}${lines === '' ? '' : '\n'}-----END ${type}-----\n`;
}
