import type { Certificate } from '../../shared/crypto/certificate.ts';
import { parseCertificate } from '../../shared/crypto/parse-certificate.ts';
import { allPem } from '../../shared/crypto/pem.ts';
import { SealedSecretsError } from '../../shared/errors.ts';
import { MAX_CERTIFICATES } from '../certificate-limits.ts';

/** A file of certificates with the newest one first. */
export interface NewestFirst {
  readonly text: string;
  /** The certificate that was first before; undefined if there was none. */
  readonly former: Certificate | undefined;

  /** How many older certificates the file has. */
  readonly older: number;
  /** How many of the oldest were dropped, since there are too many. */
  readonly dropped: number;
}

/**
 * Returns the text of a certificate file with the newest certificate first and all others below, in their order. Text
 * between them stays, whatever it is. Throws as `parseCertificate` does if there is text and no certificate in it, or if
 * the first one cannot be sealed with.
 *
 * @param at the file, for errors
 */
export function withNewest(text: string, newest: Certificate, at: string): NewestFirst {
  const former = text.trim() === '' ? undefined : parseCertificate(text, at);
  let older = 0;
  let dropped = 0;
  const rest = withoutBlocks(text, (pem) => {
    if (fingerprintOf(pem) === newest.fingerprint) return false;
    if (older === MAX_CERTIFICATES - 1) {
      dropped++;
      return false;
    }
    older++;
    return true;
  }).trim();
  return { text: `${newest.pem.trim()}\n${rest === '' ? '' : `${rest}\n`}`, former, older, dropped };
}

/** Returns a text without the certificates that are not kept, each with the line break behind it. */
function withoutBlocks(text: string, isKept: (pem: string) => boolean): string {
  const parts: string[] = [];
  let from = 0;
  for (const pem of allPem(text, ['CERTIFICATE'])) {
    const at = text.indexOf(pem, from);
    const end = at + pem.length;
    const lineBreak = /\r?\n|/y;
    lineBreak.lastIndex = end;
    const [after = ''] = lineBreak.exec(text) ?? [];
    parts.push(text.slice(from, at), isKept(pem) ? pem + after : '');
    from = end + after.length;
  }
  return parts.join('') + text.slice(from);
}

function fingerprintOf(pem: string): string | undefined {
  try {
    return parseCertificate(pem, '').fingerprint;
  } catch (error) {
    if (!(error instanceof SealedSecretsError)) throw error;
    return undefined;
  }
}
