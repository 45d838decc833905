/** The Blowfish cipher with the costly key schedule of bcrypt. */

const ROUNDS = 16;
const P_WORDS = ROUNDS + 2;
const WORDS = P_WORDS + 4 * 256;

/** The cipher's subkeys (the P array, then four S-boxes), which start as the fraction of pi. */
export class Blowfish {
  readonly #p: Int32Array;
  readonly #s: Int32Array;
  /** The block that was encrypted last. */
  readonly #block = new Int32Array(2);

  constructor() {
    const words = piWords();
    this.#p = words.slice(0, P_WORDS);
    this.#s = words.slice(P_WORDS);
  }

  /** Mixes a key into the subkeys, and a salt into every block if there is one. */
  expand(key: Uint8Array, salt?: Uint8Array): void {
    const p = this.#p;
    let at = 0;
    for (let i = 0; i < P_WORDS; i++) {
      p[i] = (p[i] ?? 0) ^ wordAt(key, at);
      at = (at + 4) % key.length;
    }
    const block = this.#block.fill(0);
    let mixed = 0;
    for (const words of [p, this.#s]) {
      for (let i = 0; i < words.length; i += 2) {
        if (salt !== undefined) {
          block[0] = (block[0] ?? 0) ^ wordAt(salt, mixed);
          block[1] = (block[1] ?? 0) ^ wordAt(salt, mixed + 4);
          mixed = (mixed + 8) % salt.length;
        }
        this.encrypt(block);
        words[i] = block[0] ?? 0;
        words[i + 1] = block[1] ?? 0;
      }
    }
  }

  /** Encrypts two words in place. */
  encrypt(block: Int32Array): void {
    const p = this.#p;
    const s = this.#s;
    let left = block[0] ?? 0;
    let right = block[1] ?? 0;
    for (let i = 0; i < ROUNDS; i += 2) {
      left ^= p[i] ?? 0;
      right ^= mix(s, left);
      right ^= p[i + 1] ?? 0;
      left ^= mix(s, right);
    }
    block[0] = right ^ (p[ROUNDS + 1] ?? 0);
    block[1] = left ^ (p[ROUNDS] ?? 0);
  }
}

function mix(s: Int32Array, word: number): number {
  const a = s[word >>> 24] ?? 0;
  const b = s[256 + ((word >>> 16) & 0xff)] ?? 0;
  const c = s[512 + ((word >>> 8) & 0xff)] ?? 0;
  const d = s[768 + (word & 0xff)] ?? 0;
  return (((a + b) ^ c) + d) | 0;
}

/** Four bytes of a row that repeats. */
function wordAt(bytes: Uint8Array, at: number): number {
  let word = 0;
  for (let i = 0; i < 4; i++) word = (word << 8) | (bytes[(at + i) % bytes.length] ?? 0);
  return word;
}

let known: Int32Array | undefined;

/** The first words of the fraction of pi, by Machin's formula: 16 arctan(1/5) - 4 arctan(1/239). */
function piWords(): Int32Array {
  if (known !== undefined) return known;
  const guard = 64n;
  const bits = BigInt(WORDS * 32);
  const one = 1n << (bits + guard);
  const pi = 16n * arctanOfInverse(5n, one) - 4n * arctanOfInverse(239n, one);
  const fraction = (pi >> guard) & ((1n << bits) - 1n);
  const bytes = Buffer.from(fraction.toString(16).padStart(WORDS * 8, '0'), 'hex');
  known = Int32Array.from({ length: WORDS }, (_, i) => bytes.readInt32BE(4 * i));
  return known;
}

function arctanOfInverse(x: bigint, one: bigint): bigint {
  const square = x * x;
  let power = one / x;
  let sum = power;
  for (let n = 3n, sign = -1n; power !== 0n; n += 2n, sign = -sign) {
    power /= square;
    sum += (sign * power) / n;
  }
  return sum;
}
