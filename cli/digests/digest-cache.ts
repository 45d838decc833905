import { createHmac, randomBytes } from 'node:crypto';
import type { Label } from '../../shared/crypto/envelope.ts';
import type { CliContext } from '../context.ts';
import { digestPath, readPrivate, writePrivate } from './digest-file.ts';

/**
 * A cache of this user that tells whether a ciphertext holds a value, without a private key. An entry is the HMAC-SHA-256
 * of the label, the ciphertext and the value under a random key of the user, so that it proves nothing without the file.
 * The file is never in a repository: a committed checksum of a weak password would reveal it.
 */
export interface DigestCache {
  /** Whether this user has sealed the value as this ciphertext, as far as the cache knows. */
  knows(sealed: SealedValue): boolean;
  /** Remembers that a ciphertext holds a value. */
  add(sealed: SealedValue): void;
  /** Writes what was added. Warns if that fails. */
  save(): Promise<void>;
}

/** A value and its ciphertext. */
export interface SealedValue {
  readonly label: Label;
  /** The envelope, in base64. */
  readonly ciphertext: string;
  readonly value: Uint8Array;
}

/** The most entries. The oldest ones make room. */
const MAX_ENTRIES = 20_000;
const HEADER = 'kubeseal digests 1';
const KEY_BYTES = 32;
const KEY = /^[0-9a-f]{64}$/;
/** The first 128 bits of an HMAC, in base64url. */
const ENTRY = /^[\w-]{22}$/;
const ENTRY_LENGTH = 22;

/** Opens the cache of the user. Ignores one that is damaged or that others can change, with a warning. */
export async function openDigestCache(context: CliContext): Promise<DigestCache> {
  const path = digestPath(context.environment);
  const content = path === undefined ? { text: undefined } : await readPrivate(path);
  if ('problem' in content) {
    context.warn(`warning: ignoring the cache ${path ?? ''}: ${content.problem}`);
    return new Digests(undefined, context);
  }
  const stored = content.text === undefined ? undefined : parse(content.text);
  if (stored === 'damaged')
    context.warn(`warning: ignoring the cache ${path ?? ''}: it is damaged; starting a new one`);
  return new Digests(path, context, stored === 'damaged' ? undefined : stored);
}

interface Stored {
  readonly key: Buffer;
  readonly entries: readonly string[];
}

function parse(text: string): Stored | 'damaged' {
  const [header, key = '', ...entries] = text.split('\n');
  const last = entries.pop();
  if (header !== HEADER || !KEY.test(key) || last !== '' || !entries.every((entry) => ENTRY.test(entry)))
    return 'damaged';
  return { key: Buffer.from(key, 'hex'), entries };
}

class Digests implements DigestCache {
  /** Undefined for a cache that is not stored. */
  readonly #path: string | undefined;
  readonly #context: CliContext;
  readonly #key: Buffer;
  readonly #entries: Set<string>;
  readonly #added = new Set<string>();

  constructor(path: string | undefined, context: CliContext, stored?: Stored) {
    this.#path = path;
    this.#context = context;
    this.#key = stored?.key ?? randomBytes(KEY_BYTES);
    this.#entries = new Set(stored?.entries);
  }

  knows(sealed: SealedValue): boolean {
    return this.#entries.has(this.#digest(sealed));
  }

  add(sealed: SealedValue): void {
    const entry = this.#digest(sealed);
    if (!this.#entries.has(entry)) this.#added.add(entry);
  }

  async save(): Promise<void> {
    if (this.#path === undefined || this.#added.size === 0) return;
    // Another kubeseal may have written in the meantime; with another key, its entries mean nothing here.
    const content = await readPrivate(this.#path);
    const stored = 'text' in content && content.text !== undefined ? parse(content.text) : undefined;
    const isSame = stored !== undefined && stored !== 'damaged' && stored.key.equals(this.#key);
    const entries = [...new Set([...(isSame ? stored.entries : this.#entries), ...this.#added])].slice(
      -MAX_ENTRIES,
    );
    const text = `${[HEADER, this.#key.toString('hex'), ...entries].join('\n')}\n`;
    const problem = await writePrivate(this.#path, text);
    if (problem !== undefined)
      this.#context.warn(`warning: cannot write the cache ${this.#path}: ${problem}`);
  }

  #digest({ label, ciphertext, value }: SealedValue): string {
    const hmac = createHmac('sha256', this.#key);
    for (const part of [label, Buffer.from(ciphertext), value]) {
      const length = Buffer.alloc(8);
      length.writeBigUInt64BE(BigInt(part.length));
      hmac.update(length).update(part);
    }
    return hmac.digest('base64url').slice(0, ENTRY_LENGTH);
  }
}
