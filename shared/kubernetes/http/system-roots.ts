import { delimiter } from 'node:path';
import * as tls from 'node:tls';
import { fail } from '../errors.ts';
import { fileProblem } from './file-problem.ts';
import { TrustStore, unlessUnreadable } from './trust-store.ts';

/** The paths where a Linux distribution keeps its trusted certificates. */
export interface Places {
  /** Bundles. The first readable one is used. */
  readonly files: readonly string[];
  /** Folders. Every file in each of them is used. */
  readonly folders: readonly string[];
}

/** The paths that Go reads on Linux (crypto/x509). */
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

/** The platform, and the paths of its trust store. Replaced in tests. */
export interface Machine {
  readonly platform: NodeJS.Platform;
  readonly places: Places;
}

const THIS_MACHINE: Machine = { platform: process.platform, places: LINUX };

/** Returns the roots to trust if no CA is named, as PEM; undefined for the roots that are built into Node. */
export type Roots = () => string | undefined;

/**
 * Returns a function that reads the system's trust store on its first call and caches the result. As in Go,
 * `SSL_CERT_FILE` replaces the system's bundle and `SSL_CERT_DIR` its folders. The function throws `BadTrustStore` if
 * `SSL_CERT_FILE` cannot be read or the two variables lead to no certificate, and `TooLarge`.
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
    // Node adds NODE_EXTRA_CA_CERTS to its built-in roots only. It warns itself if it cannot read the file.
    addFirst(store, [environment['NODE_EXTRA_CA_CERTS'] ?? '']);
    return store.pem;
  }
  if (named.length === 0) return undefined;
  // The user restricts the trusted roots: do not fall back to Node's.
  return fail({ code: 'BadTrustStore', from: named.join(' and '), problem: 'no certificate found' });
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
    const problem = fileProblem(path, error).failure.describe();
    fail({ code: 'BadTrustStore', from: 'SSL_CERT_FILE', problem });
  }
}

/** Adds the first file that can be read. */
function addFirst(store: TrustStore, paths: readonly string[]): void {
  paths.some((path) => path !== '' && unlessUnreadable(() => store.addFile(path)));
}

/** Returns the roots of the macOS keychain or the Windows registry as PEM; empty before Node 22.15. */
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
