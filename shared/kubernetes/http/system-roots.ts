import { delimiter } from 'node:path';
import * as tls from 'node:tls';
import { describe, fail } from '../../errors.ts';
import { fileProblem } from './file-problem.ts';
import { TrustStore, unlessUnreadable } from './trust-store.ts';

/** Where a Linux distribution keeps the certificates that it trusts. */
export interface Places {
  /** Bundles: the first that can be read counts. */
  readonly files: readonly string[];
  /** Each file in each of them counts. */
  readonly folders: readonly string[];
}

/** The places that Go looks at (crypto/x509, Linux). */
const LINUX: Places = {
  files: [
    '/etc/ssl/certs/ca-certificates.crt',
    '/etc/pki/tls/certs/ca-bundle.crt',
    '/etc/ssl/ca-bundle.pem',
    '/etc/pki/tls/cacert.pem',
    '/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem',
    '/etc/ssl/cert.pem',
  ],
  folders: ['/etc/ssl/certs', '/etc/pki/tls/certs'],
};

export interface Machine {
  readonly platform: NodeJS.Platform;
  readonly places: Places;
}

const THIS_MACHINE: Machine = { platform: process.platform, places: LINUX };

/** Returns the roots that are trusted where no CA is named, PEM; undefined for those that are built into Node. */
export type Roots = () => string | undefined;

/**
 * Returns a function that reads the system's trust store when it is first called, and returns the same from then on. As
 * in Go, `SSL_CERT_FILE` replaces the system's bundle and `SSL_CERT_DIR` its folders. The function throws `BadTrustStore`
 * where `SSL_CERT_FILE` cannot be read or the two variables lead to no certificate, and `TooLarge`.
 */
export function systemRoots(environment: NodeJS.ProcessEnv, machine: Machine = THIS_MACHINE): Roots {
  let read: { readonly roots: string | undefined } | undefined;
  return () => (read ??= { roots: readRoots(environment, machine) }).roots;
}

function readRoots(environment: NodeJS.ProcessEnv, { platform, places }: Machine): string | undefined {
  const store = new TrustStore();
  const named = ['SSL_CERT_FILE', 'SSL_CERT_DIR'].filter((name) => environment[name]);
  if (named.length === 0 && (platform === 'darwin' || platform === 'win32')) {
    store.add(rootsOfPlatform(), platform);
  } else {
    addFromFiles(store, environment, places);
  }
  if (!store.isEmpty) {
    // Node adds them to its own roots only. It warns where it cannot read them.
    addFirst(store, [environment['NODE_EXTRA_CA_CERTS'] ?? '']);
    return store.pem;
  }
  if (named.length === 0) return undefined;
  // The user restricts what is trusted: Node's roots must not take its place.
  return fail({ code: 'BadTrustStore', from: named.join(' and '), problem: 'no certificate is found there' });
}

function addFromFiles(store: TrustStore, environment: NodeJS.ProcessEnv, places: Places): void {
  const file = environment['SSL_CERT_FILE'] ?? '';
  const folders = environment['SSL_CERT_DIR'] ?? '';
  if (file === '') addFirst(store, places.files);
  else addNamed(store, file);
  const all = folders === '' ? places.folders : folders.split(delimiter);
  for (const folder of all.filter((each) => each !== '')) store.addFolder(folder);
}

function addNamed(store: TrustStore, path: string): void {
  try {
    store.addFile(path);
  } catch (error) {
    const problem = describe(fileProblem(path, error).failure);
    fail({ code: 'BadTrustStore', from: 'SSL_CERT_FILE', problem });
  }
}

/** Adds the first file that can be read. */
function addFirst(store: TrustStore, paths: readonly string[]): void {
  paths.some((path) => path !== '' && unlessUnreadable(() => store.addFile(path)));
}

/** Returns what the keychain or the registry trusts, PEM; empty where Node cannot read it, as before Node 22.15. */
function rootsOfPlatform(): string {
  const read: unknown = Reflect.get(tls, 'getCACertificates');
  if (typeof read !== 'function') return '';
  try {
    const found: unknown = Reflect.apply(read, undefined, ['system']);
    return Array.isArray(found) ? found.join('\n') : '';
  } catch {
    return '';
  }
}
