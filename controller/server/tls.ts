import { createPrivateKey, X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type { Server } from 'node:https';
import { createSecureContext } from 'node:tls';
import type { Clock } from '../../shared/clock.ts';
import { fail, failureOf } from '../../shared/errors.ts';
import { fileProblem } from '../../shared/kubernetes/http/file-problem.ts';
import { failureFields, type Log } from '../log/log.ts';

/** A certificate and its key, PEM. */
export interface Pair {
  readonly cert: string;
  readonly key: string;
}

/** The names of their files. */
export interface PairFiles {
  readonly certFile: string;
  readonly keyFile: string;
}

/** The files that the flags name; undefined: no TLS. Throws `Usage` where one is named without the other. */
export function pairFilesOf(flags: { tlsCertFile: string; tlsKeyFile: string }): PairFiles | undefined {
  const { tlsCertFile: certFile, tlsKeyFile: keyFile } = flags;
  if (certFile === '' && keyFile === '') return undefined;
  if (certFile === '' || keyFile === '') {
    fail({ code: 'Usage', problem: '--tls-cert-file and --tls-key-file go together: give both, or none' });
  }
  return { certFile, keyFile };
}

/** Throws `UnreadableFile` or `BadTlsPair`. */
export async function readPair({ certFile, keyFile }: PairFiles): Promise<Pair> {
  const pair = { cert: await text(certFile), key: await text(keyFile) };
  return isPair(pair) ? pair : fail({ code: 'BadTlsPair', cert: certFile, key: keyFile });
}

function isPair({ cert, key }: Pair): boolean {
  try {
    createSecureContext({ cert, key });
    return new X509Certificate(cert).checkPrivateKey(createPrivateKey(key));
  } catch {
    return false;
  }
}

/** How often the files are looked at, in milliseconds: they are links that Kubernetes changes, which no watch sees. */
const LOOK = 10_000;

/** Has the server use what is in the files, as they change, until the signal is aborted. What is broken is not used. */
export async function followPair(
  files: PairFiles,
  first: Pair,
  server: Pick<Server, 'setSecureContext'>,
  clock: Clock,
  log: Log,
  signal: AbortSignal,
): Promise<void> {
  let used = first;
  let told = '';
  for (;;) {
    try {
      await clock.sleep(LOOK, signal);
    } catch {
      return;
    }
    try {
      const pair = await readPair(files);
      told = '';
      if (pair.cert === used.cert && pair.key === used.key) continue;
      server.setSecureContext(pair);
      used = pair;
      log.info('serving with another TLS certificate', { file: files.certFile });
    } catch (error) {
      const fields = failureFields(failureOf(error, 'reading TLS files'));
      const words = String(fields['failure']);
      if (words !== told) log.error('the TLS certificate from before stays in use', fields);
      told = words;
    }
  }
}

async function text(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    return fail(fileProblem(path, error).failure);
  }
}
