import { X509Certificate } from 'node:crypto';
import { closeSync, opendirSync, openSync, readlinkSync, readSync, statSync, type Dirent } from 'node:fs';
import { join } from 'node:path';
import { fail } from '../../file-errors.ts';

/** The most bytes of all files of a trust store together. */
const MAX_BYTES = 8 * 1024 * 1024;
/** The most distinct certificates in a trust store. */
const MAX_CERTIFICATES = 2048;
/** The most entries in all folders of a trust store together. */
const MAX_ENTRIES = 16_384;

const CERTIFICATE = /-----BEGIN CERTIFICATE-----([A-Za-z0-9+/=\s]*)-----END CERTIFICATE-----/g;
const CHUNK = 64 * 1024;

/**
 * Collects the distinct PEM certificates of files and folders. As in Go, text that is not a certificate is ignored.
 * Reading blocks the process. Methods throw `TooLarge` beyond the limits above.
 */
export class TrustStore {
  /** PEM blocks by their base64 content without white space. */
  readonly #certificates = new Map<string, string>();
  #bytes = 0;
  #entries = 0;

  get isEmpty(): boolean {
    return this.#certificates.size === 0;
  }

  /** All certificates as one PEM text. */
  get pem(): string {
    return [...this.#certificates.values()].join('\n');
  }

  /** Adds the certificates in a text; `at` names its source in errors. */
  add(text: string, at: string): void {
    for (const [pem, body = ''] of text.matchAll(CERTIFICATE)) {
      const content = body.replace(/\s/g, '');
      if (this.#certificates.has(content) || !isCertificate(pem)) continue;
      if (this.#certificates.size === MAX_CERTIFICATES) tooLarge(at, `${MAX_CERTIFICATES} certificates`);
      this.#certificates.set(content, pem);
    }
  }

  /** Adds the certificates in a file. Throws Node's error if it cannot be read. */
  addFile(path: string): void {
    const file = openSync(path, 'r');
    try {
      const chunks: Buffer[] = [];
      for (;;) {
        const chunk = Buffer.alloc(CHUNK);
        const size = readSync(file, chunk, 0, CHUNK, null);
        if (size === 0) break;
        this.#bytes += size;
        if (this.#bytes > MAX_BYTES) tooLarge(path, `${MAX_BYTES / 2 ** 20} MiB`);
        chunks.push(chunk.subarray(0, size));
      }
      this.add(Buffer.concat(chunks).toString('latin1'), path);
    } finally {
      closeSync(file);
    }
  }

  /** Adds the certificates in the files of a folder. Ignores what cannot be read. */
  addFolder(folder: string): void {
    for (const entry of this.#entriesOf(folder)) {
      const path = join(folder, entry.name);
      if (isAlias(entry, path) || !isFile(path)) continue;
      unlessUnreadable(() => this.addFile(path));
    }
  }

  #entriesOf(folder: string): Dirent[] {
    const entries: Dirent[] = [];
    unlessUnreadable(() => {
      const opened = opendirSync(folder);
      try {
        for (let entry = opened.readSync(); entry !== null; entry = opened.readSync()) {
          if (++this.#entries > MAX_ENTRIES) tooLarge(folder, `${MAX_ENTRIES} files`);
          entries.push(entry);
        }
      } finally {
        opened.closeSync();
      }
    });
    return entries;
  }
}

/** Runs a function. Returns false if it throws because a file or folder cannot be read. */
export function unlessUnreadable(run: () => void): boolean {
  try {
    run();
    return true;
  } catch (error) {
    if (error instanceof Error && 'syscall' in error) return false;
    throw error;
  }
}

/** Returns whether an entry is a link to another entry of its folder, such as the hash names that OpenSSL looks up. */
function isAlias(entry: Dirent, path: string): boolean {
  if (!entry.isSymbolicLink()) return false;
  let target = '';
  return unlessUnreadable(() => (target = readlinkSync(path))) && !/[/\\]/.test(target);
}

/** Returns whether a path is a regular file. Reading others, such as a named pipe, could block. */
function isFile(path: string): boolean {
  let file = false;
  unlessUnreadable(() => (file = statSync(path).isFile()));
  return file;
}

function isCertificate(pem: string): boolean {
  try {
    new X509Certificate(pem);
    return true;
  } catch {
    return false;
  }
}

function tooLarge(path: string, limit: string): never {
  return fail({ code: 'TooLarge', at: `the trust store (${path})`, limit });
}
