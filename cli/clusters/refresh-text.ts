import { shortTime, type Certificate } from '../../shared/crypto/certificate.ts';
import { dayOf } from '../../shared/input/certificate-warnings.ts';
import { counted } from '../../shared/text.ts';
import { MAX_CERTIFICATES } from '../certificate-limits.ts';
import type { NewestFirst } from './certificate-file.ts';

/** What kubeseal certs update prints. */

/** The certificates of a cluster before and now. */
export interface Certificates {
  /** The first one of the file. */
  readonly former: Certificate | undefined;
  readonly newest: Certificate;
}

/** Returns one line about a file with the newest certificate. */
export function describeCurrent(file: string, newest: Certificate): string {
  return `${file}: current: ${describe(newest)}`;
}

/** Returns one line about a file that was changed. */
export function describeChange(
  file: string,
  { former, newest, older, dropped }: NewestFirst & Certificates,
): string {
  if (former === undefined) return `${file}: created: ${describe(newest)}`;
  const rest = [
    ...(older > 0 ? [`${counted(older, 'older certificate')} kept below`] : []),
    ...(dropped > 0
      ? [
          `${counted(dropped, 'certificate')} at the end dropped, since a file has at most ${MAX_CERTIFICATES}`,
        ]
      : []),
  ];
  return [`${file}: updated from ${describe(former)} to ${describe(newest)}`, ...rest].join('; ');
}

/** Returns a certificate's fingerprint and validity. */
export function describe({ fingerprint, notBefore, notAfter }: Certificate): string {
  return `${fingerprint} (valid from ${shortTime(notBefore)} until ${dayOf(notAfter)})`;
}
