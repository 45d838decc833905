/** The part of `localStorage` that the memory uses. */
export interface TextStore {
  getItem(key: string): string | null;
  setItem(key: string, text: string): void;
}

/** How a fingerprint compares with the one that was remembered under the same name. */
export type Comparison =
  | { readonly kind: 'new' | 'same' }
  /** `before` is the remembered one. */
  | { readonly kind: 'changed'; readonly before: string };

const KEY = 'sealed-secrets-fingerprints';
/** The most names that are remembered; the oldest goes first. */
const MAX_NAMES = 100;
const FINGERPRINT = /^SHA256:[\w+/]{43}$/;

/**
 * Remembers the fingerprint of each cluster's certificate by the name of the cluster. What is stored is public. Without
 * storage, which a browser may refuse to a file, it forgets when the page is closed.
 */
export class FingerprintMemory {
  readonly #store: () => TextStore;
  #known: Map<string, string>;

  /** @param store returns the storage; may throw, as reading `localStorage` does where it is not allowed */
  constructor(store: () => TextStore) {
    this.#store = store;
    this.#known = this.#read();
  }

  /** Compares a fingerprint with the remembered one. */
  compare(name: string, fingerprint: string): Comparison {
    const before = this.#known.get(name);
    if (before === undefined) return { kind: 'new' };
    return before === fingerprint ? { kind: 'same' } : { kind: 'changed', before };
  }

  /** Remembers a fingerprint in place of an earlier one. */
  remember(name: string, fingerprint: string): void {
    // Another tab may have written since.
    const known = new Map([...this.#known, ...this.#read()]);
    known.delete(name);
    known.set(name, fingerprint);
    this.#known = new Map([...known].slice(-MAX_NAMES));
    try {
      this.#store().setItem(KEY, JSON.stringify([...this.#known]));
    } catch {
      // Not allowed, or full.
    }
  }

  #read(): Map<string, string> {
    try {
      const stored: unknown = JSON.parse(this.#store().getItem(KEY) ?? '[]');
      return new Map((Array.isArray(stored) ? stored : []).filter(isEntry));
    } catch {
      return new Map();
    }
  }
}

function isEntry(entry: unknown): entry is [string, string] {
  if (!Array.isArray(entry) || entry.length !== 2) return false;
  const [name, fingerprint] = entry as readonly unknown[];
  return typeof name === 'string' && typeof fingerprint === 'string' && FINGERPRINT.test(fingerprint);
}
