import { createPrivateKey, X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type { Server } from 'node:https';
import { createSecureContext } from 'node:tls';
import type { Clock } from '../../shared/clock.ts';
import { failureOf, SealedSecretsError } from '../../shared/errors.ts';
import { fail } from './errors.ts';
import { fileProblem } from '../../shared/kubernetes/http/file-problem.ts';
import { failureFields, type Log } from '../log/log.ts';

/** A certificate and its private key, in PEM. */
export interface TlsPair {
  readonly cert: string;
  readonly key: string;
}

/** The paths of a certificate and its private key. */
export interface TlsFiles {
  readonly certFile: string;
  readonly keyFile: string;
}

/** Returns the files that the flags name; undefined: no TLS. Throws `Usage` if only one of them is named. */
export function tlsFilesOf(flags: { tlsCertFile: string; tlsKeyFile: string }): TlsFiles | undefined {
  const { tlsCertFile: certFile, tlsKeyFile: keyFile } = flags;
  if (certFile === '' && keyFile === '') return undefined;
  if (certFile === '' || keyFile === '') {
    fail({ code: 'Usage', problem: '--tls-cert-file and --tls-key-file must be set together' });
  }
  return { certFile, keyFile };
}

/** Reads a certificate and its private key. Throws `UnreadableFile` or `BadTlsPair`. */
export async function readTlsPair({ certFile, keyFile }: TlsFiles): Promise<TlsPair> {
  const pair = { cert: await text(certFile), key: await text(keyFile) };
  return isPair(pair) ? pair : fail({ code: 'BadTlsPair', cert: certFile, key: keyFile });
}

function isPair({ cert, key }: TlsPair): boolean {
  try {
    createSecureContext({ cert, key });
    return new X509Certificate(cert).checkPrivateKey(createPrivateKey(key));
  } catch {
    return false;
  }
}

/** How often to read the files, in ms. They are symlinks that Kubernetes swaps, which file watchers do not notice. */
const CHECK_PERIOD = 10_000;

/** Options of `watchTlsFiles`. */
export interface WatchTlsFilesOptions {
  readonly files: TlsFiles;
  /** The pair that the server uses now. */
  readonly current: TlsPair;
  readonly server: Pick<Server, 'setSecureContext'>;
  readonly clock: Clock;
  readonly log: Log;
  readonly signal: AbortSignal;
}

/** Updates the server's certificate when the files change, until the signal aborts. Ignores files that are invalid. */
export async function watchTlsFiles({
  files,
  current,
  server,
  clock,
  log,
  signal,
}: WatchTlsFilesOptions): Promise<void> {
  let used = current;
  let lastFailure = '';
  for (;;) {
    try {
      await clock.sleep(CHECK_PERIOD, signal);
    } catch {
      return;
    }
    try {
      const pair = await readTlsPair(files);
      lastFailure = '';
      if (pair.cert === used.cert && pair.key === used.key) continue;
      server.setSecureContext(pair);
      used = pair;
      log.info('TLS certificate reloaded', { file: files.certFile });
    } catch (error) {
      const fields = failureFields(failureOf(error, 'TLS reload'));
      const failure = String(fields['failure']);
      if (failure !== lastFailure)
        log.error('failed to reload the TLS certificate; keeping the current one', fields);
      lastFailure = failure;
    }
  }
}

async function text(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    throw new SealedSecretsError(fileProblem(path, error).failure);
  }
}
