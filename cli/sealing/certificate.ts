import { fileURLToPath } from 'node:url';
import { refuseUtf16 } from '../../shared/api/utf16.ts';
import { checkValidity, type Certificate } from '../../shared/crypto/certificate.ts';
import { certificatesIn } from '../../shared/crypto/certificates-in.ts';
import type { Fingerprint } from '../../shared/crypto/fingerprint.ts';
import { newerCertificate } from '../../shared/crypto/newer-certificate.ts';
import { parseCertificate } from '../../shared/crypto/parse-certificate.ts';
import { fail } from '../errors.ts';
import { fail as failFile } from '../../shared/file-errors.ts';
import {
  dayOf,
  expiryWarning,
  exponentWarning,
  newerWarning,
} from '../../shared/input/certificate-warnings.ts';
import { CERTIFICATE_LIMITS, MAX_CERTIFICATES } from '../certificate-limits.ts';
import type { CliContext } from '../context.ts';
import { readFileBytes } from '../io/input.ts';
import type { CertificateOptions } from '../flags/options.ts';

/** A certificate with its origin. */
export interface SourcedCertificate {
  readonly certificate: Certificate;
  /** Where it came from, for messages. */
  readonly from: string;
  /** A newer certificate from the same source, which is not used. */
  readonly newer: Certificate | undefined;
  /** The keys of all certificates from the same source. */
  readonly keys: ReadonlySet<Fingerprint>;
}

/** Where the certificate to seal with comes from. */
export interface CertificateToUse {
  readonly getCertificate: () => Promise<Certificate>;
  /** The keys of the certificates in the file or URL of `--cert`; undefined for the cluster's certificate. */
  readonly keys: ReadonlySet<Fingerprint> | undefined;
}

/**
 * Returns what returns the certificate to seal with. Reads `--cert` at once, so that a problem with it is reported before
 * stdin is read; the returned function reads the cluster's certificate. Both throw as `obtainCheckedCertificate` does.
 */
export async function certificateSource(
  options: CertificateOptions,
  context: CliContext,
): Promise<CertificateToUse> {
  if (options.cert === undefined)
    return { getCertificate: () => obtainValidCertificate(options, context), keys: undefined };
  const { certificate, keys } = await obtainCheckedCertificate(options, context);
  return { getCertificate: () => Promise.resolve(certificate), keys };
}

/** Returns the certificate of `obtainCheckedCertificate` without its origin. */
export async function obtainValidCertificate(
  options: CertificateOptions,
  context: CliContext,
): Promise<Certificate> {
  return (await obtainCheckedCertificate(options, context)).certificate;
}

/**
 * Returns a certificate that is valid now. Warns if it expires soon, or if a newer one came with it. Throws
 * `CertificateNotYetValid`, `CertificateExpired` and as `obtainCertificate` does.
 */
export async function obtainCheckedCertificate(
  options: CertificateOptions,
  context: CliContext,
): Promise<SourcedCertificate> {
  const sourced = await obtainCertificate(options, context);
  const { certificate, from, newer } = sourced;
  const now = context.clock.now();
  checkValidity(certificate, now, from);
  if (newer !== undefined) context.warn(`warning: ${newerWarning(certificate, newer, from)}`);
  const warning = expiryWarning(certificate, now, from);
  if (warning !== undefined) {
    context.warn(`warning: ${warning}`);
  } else if (options.verbosity > 0) {
    const { fingerprint, notAfter } = certificate;
    context.warn(`(sealing with ${fingerprint}, valid until ${dayOf(notAfter)}, from ${from})`);
  }
  return sourced;
}

/**
 * Returns the certificate of `--cert`, else the cluster's. Throws if it is not a certificate, cannot be sealed with, or
 * does not have the fingerprint of `--cert-fingerprint`. Does not check its validity period.
 */
export async function obtainCertificate(
  options: CertificateOptions,
  context: CliContext,
): Promise<SourcedCertificate> {
  const { cert, certFingerprint } = options;
  const { text, from, plain } =
    cert === undefined ? await fromCluster(options, context) : await certificateText(cert, context);
  const certificate = parseCertificate(text, from);
  const { fingerprint } = certificate;
  if (certFingerprint !== undefined && certFingerprint !== fingerprint) {
    fail({ code: 'WrongFingerprint', at: from, found: fingerprint, wanted: certFingerprint });
  }
  if (plain && certFingerprint === undefined) {
    context.warn(
      'warning: the certificate was fetched over plain http and could have been replaced on the way; ' +
        `verify its fingerprint, ${fingerprint}, or pass it with --cert-fingerprint`,
    );
  }
  const warning = exponentWarning(certificate);
  if (warning !== undefined) context.warn(`warning: ${warning}`);
  const newer = newerCertificate(text, certificate, context.clock.now());
  const others = certificatesIn(text, MAX_CERTIFICATES).map((each) => each.fingerprint);
  return { certificate, from, newer, keys: new Set([fingerprint, ...others]) };
}

/** The text of a certificate, not yet parsed. */
export interface CertificateText {
  readonly text: string;
  /** Where it came from, for messages. */
  readonly from: string;
  /** Whether it came over plain HTTP. */
  readonly plain: boolean;
}

/** Reads a file or URL of `--cert`. Throws `Usage` for another URL, and the errors of reading it. */
export async function certificateText(cert: string, context: CliContext): Promise<CertificateText> {
  if (/^https?:\/\//i.test(cert)) {
    if (!URL.canParse(cert)) return fail({ code: 'Usage', problem: '--cert: not a valid URL' });
    const { download } = await import('../../shared/kubernetes/http/download.ts');
    const url = new URL(cert);
    // The rest of the URL may hold a password or a token.
    const from = `the certificate from ${url.host}`;
    return { ...(await download(url, CERTIFICATE_LIMITS, context.environment)), from };
  }
  const path = /^file:\/\//i.test(cert) ? pathOfFileUrl(cert) : cert;
  const scheme = /^([a-z][a-z0-9+.-]*):\/\//i.exec(path)?.[1];
  if (scheme !== undefined) {
    return fail({
      code: 'Usage',
      problem: `--cert: ${scheme}:// is not supported; use a file, file://, https:// or http://`,
    });
  }
  const bytes = await readFileBytes(path);
  if (bytes.length > CERTIFICATE_LIMITS.bytes)
    return failFile({ code: 'TooLarge', at: path, limit: '1 MiB' });
  refuseUtf16(bytes, path);
  return { text: bytes.toString('latin1'), from: path, plain: false };
}

function pathOfFileUrl(url: string): string {
  try {
    return fileURLToPath(url);
  } catch {
    return fail({ code: 'Usage', problem: '--cert: a file URL must be file:// and an absolute path' });
  }
}

async function fromCluster(options: CertificateOptions, context: CliContext): Promise<CertificateText> {
  const { clusterCertificate } = await import('../controller-client/cluster-certificate.ts');
  return { ...(await clusterCertificate(options, context)), plain: false };
}
