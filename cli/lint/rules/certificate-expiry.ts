import type { Suspect } from '../../../shared/inspect/explanation.ts';
import type { FileProblem } from '../file-rule.ts';

/** What is wrong with a certificate, wherever it is in its file. */
export type CertificateProblem = Omit<FileProblem, 'offset'>;

const DAY = 24 * 60 * 60 * 1000;

/** How long before its end a certificate expires soon, in ms. */
const SOON = 30 * DAY;

/**
 * Returns what is wrong with the validity of the certificate that a cluster's files are sealed with. Older certificates
 * of the same cluster may have expired: nothing is sealed with them any more.
 */
export function certificateProblems(
  { certificate: { notBefore, notAfter } }: Pick<Suspect, 'certificate'>,
  now: Date,
): readonly CertificateProblem[] {
  const left = notAfter.getTime() - now.getTime();
  if (left < 0) {
    return [
      {
        rule: 'S012',
        message: `the certificate expired on ${day(notAfter)}: kubeseal refuses to seal with it`,
        advice: RENEW,
      },
    ];
  }
  if (notBefore > now) {
    return [
      {
        rule: 'S012',
        message: `the certificate is valid only from ${day(notBefore)}: until then, kubeseal refuses to seal with it`,
        advice:
          'compare it with that of the cluster (kubeseal certs update), and check the clock of this machine',
      },
    ];
  }
  if (left > SOON) return [];
  return [
    {
      rule: 'S012',
      severity: 'warning',
      message: `the certificate expires on ${day(notAfter)}`,
      advice: RENEW,
    },
  ];
}

const RENEW = 'fetch the newest one from the cluster: kubeseal certs update';

/** Formats a date as `2026-01-31`, in UTC. */
function day(date: Date): string {
  return date.toISOString().slice(0, 10);
}
