import { fileURLToPath } from 'node:url';
import { refuseUtf16 } from '../shared/api/utf16.ts';
import {
  checkValidity,
  newerCertificate,
  parseCertificate,
  shortTime,
  type Certificate,
} from '../shared/crypto/certificate.ts';
import { fail } from '../shared/errors.ts';
import type { CliContext } from './context.ts';
import { readFileBytes } from './io/input.ts';
import type { Options } from './flags/options.ts';

/** A certificate, and where it came from. */
export interface Obtained {
  readonly certificate: Certificate;
  readonly from: string;
  /** A newer one that came with it, and is not used. */
  readonly newer: Certificate | undefined;
}

/** What a certificate may take: bytes, and milliseconds. */
export const CERTIFICATE_LIMITS = { bytes: 1024 * 1024, time: 30_000 };

const USUAL_EXPONENT = 65537n;
const DAY = 24 * 60 * 60 * 1000;
const SOON = 30 * DAY;

/**
 * Reads `--cert` at once, so that a problem with it is reported before stdin is read. The cluster's certificate is read
 * when the returned function is called. Both throw as below.
 */
export async function certificateSource(
  options: Options,
  context: CliContext,
): Promise<() => Promise<Certificate>> {
  if (options.cert === undefined) return () => obtainValidCertificate(options, context);
  const certificate = await obtainValidCertificate(options, context);
  return () => Promise.resolve(certificate);
}

/** A certificate that may be sealed with today; a note says when it will soon expire. Throws as below. */
export async function obtainValidCertificate(options: Options, context: CliContext): Promise<Certificate> {
  return (await obtainValid(options, context)).certificate;
}

/** The same, and where it came from. */
export async function obtainValid(options: Options, context: CliContext): Promise<Obtained> {
  const obtained = await obtainCertificate(options, context);
  const { certificate, from, newer } = obtained;
  const now = context.clock.now();
  checkValidity(certificate, now, from);
  if (newer !== undefined) {
    context.warn(
      `warning: ${from} holds several certificates: the first one counts, ${certificate.fingerprint}, valid from ` +
        `${shortTime(certificate.notBefore)}, though ${newer.fingerprint} is newer, valid from ${shortTime(newer.notBefore)}`,
    );
  }
  const left = certificate.notAfter.getTime() - now.getTime();
  const until = certificate.notAfter.toISOString().slice(0, 10);
  const days = Math.floor(left / DAY);
  if (left < SOON) {
    context.warn(
      `warning: the certificate ${certificate.fingerprint} expires on ${until}, in ${days} day${days === 1 ? '' : 's'} (${from})`,
    );
  } else if (options.verbosity > 0) {
    context.warn(`(sealing with ${certificate.fingerprint}, valid until ${until}, from ${from})`);
  }
  return obtained;
}

/** The certificate of `--cert`, else the cluster's. Throws when it is none, unfit to seal with, or not the pinned one. */
export async function obtainCertificate(options: Options, context: CliContext): Promise<Obtained> {
  const { cert, certFingerprint } = options;
  const { text, from, plain } =
    cert === undefined ? await fromCluster(options, context) : await given(cert, context);
  const certificate = parseCertificate(text, from);
  const { fingerprint, exponent } = certificate;
  if (certFingerprint !== undefined && certFingerprint !== fingerprint) {
    fail({ code: 'WrongFingerprint', at: from, found: fingerprint, wanted: certFingerprint });
  }
  if (plain && certFingerprint === undefined) {
    context.warn(
      'warning: the certificate came over plain http, where someone on the way could have replaced it: ' +
        `compare its fingerprint, ${fingerprint}, or give it as --cert-fingerprint`,
    );
  }
  if (exponent !== USUAL_EXPONENT) {
    context.warn(`warning: the certificate's key has the unusual public exponent ${exponent}`);
  }
  const newer = newerCertificate(text, certificate, context.clock.now());
  return { certificate, from, newer };
}

interface Unread {
  readonly text: string;
  readonly from: string;
  /** Whether it came over plain http. */
  readonly plain: boolean;
}

async function given(cert: string, context: CliContext): Promise<Unread> {
  if (/^https?:\/\//i.test(cert)) {
    if (!URL.canParse(cert)) return fail({ code: 'Usage', problem: '--cert: this is not a URL' });
    const { download } = await import('../shared/kubernetes/http/download.ts');
    return {
      ...(await download(new URL(cert), CERTIFICATE_LIMITS, context.environment)),
      from: 'the certificate from --cert',
    };
  }
  const path = /^file:\/\//i.test(cert) ? pathOf(cert) : cert;
  const scheme = /^([a-z][a-z0-9+.-]*):\/\//i.exec(path)?.[1];
  if (scheme !== undefined) {
    return fail({
      code: 'Usage',
      problem: `--cert: ${scheme}:// is not supported: give a file, file://, https:// or http://`,
    });
  }
  const bytes = await readFileBytes(path);
  if (bytes.length > CERTIFICATE_LIMITS.bytes) return fail({ code: 'TooLarge', at: path, limit: '1 MiB' });
  refuseUtf16(bytes, path);
  return { text: bytes.toString('latin1'), from: path, plain: false };
}

function pathOf(url: string): string {
  try {
    return fileURLToPath(url);
  } catch {
    return fail({ code: 'Usage', problem: '--cert: a file URL is file:// and an absolute path' });
  }
}

async function fromCluster(options: Options, context: CliContext): Promise<Unread> {
  const [{ findControllerFor }, { controllerCertificate }] = await Promise.all([
    import('./controller.ts'),
    import('../shared/kubernetes/api/controller-proxy.ts'),
  ]);
  const controller = await findControllerFor(options, context);
  const { namespace, name } = controller.service;
  try {
    const text = await controllerCertificate(controller, CERTIFICATE_LIMITS);
    return { text, from: `the certificate of ${namespace}/${name}`, plain: false };
  } finally {
    controller.close();
  }
}
