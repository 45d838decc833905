import { shortTime, type Certificate } from '../../shared/crypto/certificate.ts';
import type { RecordedKey } from '../../shared/key-record/record.ts';

/** Returns the certificate of a key as PEM, with a comment that says whose it is. */
export function certificateText(
  { name, fingerprint, state, created }: RecordedKey,
  { notBefore, notAfter, pem }: Certificate,
): string {
  const since = created === undefined ? 'at an unknown time' : shortTime(created);
  return [
    `# ${name} (${state})`,
    `# ${fingerprint}`,
    `# created ${since}, valid from ${shortTime(notBefore)} until ${shortTime(notAfter)}`,
    pem,
  ].join('\n');
}
