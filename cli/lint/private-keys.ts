/** A private key in a file. */
export interface PrivateKey {
  /** Where it begins, in bytes. */
  readonly offset: number;
  /** The kind of the key, such as `RSA PRIVATE KEY`. */
  readonly name: string;
  /** Whether a passphrase is needed to use it. */
  readonly isEncrypted: boolean;
}

/** The beginning of each kind of private key. All of these are ASCII, so that they can be found in any bytes. */
const PEM = '-----BEGIN ';
const AGE = 'AGE-SECRET-KEY-';
const PUTTY = 'PuTTY-User-Key-File-';

/** The longest part of a key that is looked at, in characters. It bounds the time for each beginning. */
const WINDOW = 1200;

/** Finds private keys in PEM, and those of age and PuTTY, in plain text and in base64. Takes linear time. */
export function findPrivateKeys(bytes: Buffer): readonly PrivateKey[] {
  const text = bytes.toString('latin1');
  const found = new Map<number, PrivateKey>();
  for (const { index } of text.matchAll(BEGINNING)) {
    const key = keyAt(text.slice(index, index + WINDOW));
    if (key) found.set(index, { ...key, offset: index });
  }
  for (const { 0: match, index } of text.matchAll(ENCODED_BEGINNING)) {
    const missing = MISSING.get(match) ?? '';
    // Most of what is decoded is no key, so the window is decoded last.
    if (!HEADER.test(decodedAt(text.slice(index, index + HEADER_WINDOW), missing))) continue;
    const key = keyAt(decodedAt(text.slice(index, index + WINDOW), missing));
    if (key) found.set(index, { ...key, offset: index });
  }
  return [...found.values()].sort((a, b) => a.offset - b.offset);
}

const BEGINNING = new RegExp([PEM, AGE, PUTTY].join('|'), 'g');

/**
 * The beginnings in base64, and what of each stands before the encoded part: base64 encodes three bytes at a time, so
 * that up to two bytes are encoded together with those before them.
 */
const MISSING: ReadonlyMap<string, string> = new Map(
  [PEM, AGE, PUTTY].flatMap((beginning) =>
    [0, 1, 2].map((skipped): [string, string] => {
      const whole = beginning.slice(skipped);
      const aligned = whole.slice(0, whole.length - (whole.length % 3));
      return [Buffer.from(aligned, 'latin1').toString('base64'), beginning.slice(0, skipped)];
    }),
  ),
);

const ENCODED_BEGINNING = new RegExp(
  [...MISSING.keys()].map((each) => each.replace(/\+/g, '\\+')).join('|'),
  'g',
);

/** What each beginning goes on with, and the longest base64 that has it. */
const HEADER =
  /^-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY|^AGE-SECRET-KEY-(?:PQ-)?1|^PuTTY-User-Key-File-[0-9]: /;
const HEADER_WINDOW = 100;

/** Decodes base64 that can be folded, as in YAML, up to the first other character. */
function decodedAt(text: string, missing: string): string {
  const [base64 = ''] = /^(?:[A-Za-z0-9+/]|\s|\\+[nr])*/.exec(text) ?? [];
  return missing + Buffer.from(base64.replace(SPACES, ''), 'base64').toString('latin1');
}

/** White space, and its escapes in JSON and in quoted YAML, also in text that is quoted twice. */
const SPACES = /\s|\\+[nrt]/g;

type Kind = Omit<PrivateKey, 'offset'>;

function keyAt(text: string): Kind | undefined {
  if (text.startsWith(PEM)) return pemAt(text);
  return text.startsWith(AGE) ? ageAt(text) : puttyAt(text);
}

/** The start of a key of OpenSSH (`openssh-key-v1`), and of one whose cipher is `none`. */
const SSH = 'b3BlbnNzaC1rZXktdjEAAAAA';
const OPEN_SSH = `${SSH}BG5vbm`;

function pemAt(text: string): Kind | undefined {
  const [header, name] = /^-----BEGIN ((?:[A-Z0-9]+ ){0,4}PRIVATE KEY(?: BLOCK)?)-----/.exec(text) ?? [];
  if (header === undefined || name === undefined) return undefined;
  const [content = ''] = text.slice(header.length).split('-----', 1);
  // Headers, such as `Proc-Type: 4,ENCRYPTED`, are lines with a colon (RFC 1421).
  const lines = content.replace(/\\+[nrt]/g, '\n').split('\n');
  const body = lines.filter((line) => !line.includes(':')).join('');
  if (!isRandom(body.replace(OTHER, ''))) return undefined;
  const isLocked = body.includes(SSH) && !body.includes(OPEN_SSH);
  return { name, isEncrypted: isLocked || name.startsWith('ENCRYPTED') || content.includes('4,ENCRYPTED') };
}

/** What stands around the lines of a key in YAML, in comments, and in the texts of programs. */
const OTHER = /[\s"'`,#*>|]/g;

/** The fewest characters of a private key in base64 and in Bech32, and how many of them differ at least. */
const MIN_LENGTH = 40;
const MIN_DIFFERENT = 10;

/** Whether a text begins like a key, and not like prose or a row of the same characters. */
function isRandom(text: string): boolean {
  const start = text.slice(0, MIN_LENGTH);
  return /^[A-Za-z0-9+/]{40}$/.test(start) && new Set(start).size >= MIN_DIFFERENT;
}

/** An identity of age in Bech32 (BIP 173), also one of the post-quantum kind. */
function ageAt(text: string): Kind | undefined {
  const [, data] = /^AGE-SECRET-KEY-(?:PQ-)?1([AC-HJ-NP-Z02-9]{58})/.exec(text) ?? [];
  return data !== undefined && isRandom(data) ? { name: 'age identity', isEncrypted: false } : undefined;
}

function puttyAt(text: string): Kind | undefined {
  const [, cipher] =
    /^PuTTY-User-Key-File-[0-9]: [a-z0-9@.-]+(?:\s|\\+[nrt])+Encryption: ([a-z0-9-]+)/.exec(text) ?? [];
  return cipher === undefined ? undefined : { name: 'PuTTY', isEncrypted: cipher !== 'none' };
}
