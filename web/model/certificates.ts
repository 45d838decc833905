import { checkValidity, type Certificate } from '../../shared/crypto/certificate.ts';
import { MAX_COMPARED, newerThan } from '../../shared/crypto/newer-than.ts';
import { parseCertificate } from '../../shared/crypto/web/parse-certificate.ts';
import { expiryWarning, exponentWarning, newerWarning } from '../../shared/input/certificate-warnings.ts';
import { allPem, firstPem } from '../../shared/crypto/pem.ts';
import { visible } from '../../shared/text.ts';
import { fail as failCrypto } from '../../shared/crypto/errors.ts';
import { fail as failFile } from '../../shared/file-errors.ts';
import { holdsKeySecret, holdsPrivateKey } from './private-keys.ts';
import { errorAt, hasError, thrownAt, thrownBy, warningAt } from './messages.ts';
import type { CertificateSummary, Field, Message, NamedCertificate, RecognizedRefused } from './types.ts';

/** A certificate that a person chose, and what is wrong with it. */
export interface CheckedCertificate {
  readonly name: string;
  /** Undefined if it cannot be sealed with. */
  readonly certificate: Certificate | undefined;
  readonly messages: readonly Message[];
}

/** Reads a certificate to seal with. An expired one is shown, with an error. */
export async function readCertificate(
  named: NamedCertificate,
  now: Date,
): Promise<CertificateSummary | RecognizedRefused> {
  const field: Field = { name: 'certificate' };
  try {
    const certificate = await parse(named);
    const { pem, fingerprint, notBefore, notAfter } = certificate;
    const messages = [
      ...messagesAbout(certificate, { name: named.name, now, field }),
      ...(await newerMessages(certificate, named, now)),
    ];
    return { name: named.name, pem, fingerprint, notBefore, notAfter, messages };
  } catch (error) {
    return { kind: 'refused', message: thrownAt(field, error) };
  }
}

/** Checks the certificates that a person chose. */
export async function checkCertificates(
  named: readonly NamedCertificate[],
  now: Date,
): Promise<readonly CheckedCertificate[]> {
  return Promise.all(named.map((each, index) => check(each, now, { name: 'certificate', index })));
}

/** Returns an error if no certificate is chosen. */
export function noCertificate(chosen: readonly unknown[]): readonly Message[] {
  return chosen.length > 0 ? [] : [errorAt({ name: 'certificate' }, 'no certificate is chosen')];
}

async function check(named: NamedCertificate, now: Date, field: Field): Promise<CheckedCertificate> {
  const { name } = named;
  try {
    const certificate = await parse(named);
    const messages = messagesAbout(certificate, { name, now, field });
    return { name, certificate: hasError(messages) ? undefined : certificate, messages };
  } catch (error) {
    return { name, certificate: undefined, messages: [thrownAt(field, error)] };
  }
}

/** The longest text of a certificate, in UTF-16 units. */
const MAX_CERTIFICATE = 1024 * 1024;

async function parse({ name, pem }: NamedCertificate): Promise<Certificate> {
  const at = visible(name);
  if (pem.length > MAX_CERTIFICATE) failFile({ code: 'TooLarge', at, limit: '1 MiB' });
  const isCertificate = firstPem(pem, ['CERTIFICATE']) !== undefined;
  // A certificate beside it would do. But a person with a private key at hand should know that no page needs it.
  if (holdsPrivateKey(pem) || (!isCertificate && holdsKeySecret(pem)))
    failCrypto({ code: 'NotACertificate', at, privateKey: true });
  return parseCertificate(pem, at);
}

/** Warns of a certificate in the same text that is valid, and newer than the first one, which is used. */
async function newerMessages(
  used: Certificate,
  { name, pem }: NamedCertificate,
  now: Date,
): Promise<readonly Message[]> {
  const others = allPem(pem, ['CERTIFICATE']).slice(1, MAX_COMPARED);
  const parsed = await Promise.all(others.map((each) => parseCertificate(each, '').catch(() => undefined)));
  const [newest] = newerThan(
    used,
    parsed.filter((each) => each !== undefined),
    now,
  );
  if (newest === undefined) return [];
  return [warningAt({ name: 'certificate' }, newerWarning(used, newest, visible(name)))];
}

function messagesAbout(
  certificate: Certificate,
  { name, now, field }: { readonly name: string; readonly now: Date; readonly field: Field },
): readonly Message[] {
  const from = visible(name);
  const problems = thrownBy(field, () => checkValidity(certificate, now, from));
  if (problems.length > 0) return problems;
  return [expiryWarning(certificate, now, from) ?? [], exponentWarning(certificate) ?? []]
    .flat()
    .map((text) => warningAt(field, text));
}
