import { armor } from 'age-encryption';
import { fail, type EncryptedTo } from './errors.ts';

const ARMOR = '-----BEGIN AGE ENCRYPTED FILE-----';
const VERSION = 'age-encryption.org/v';

/** Whether bytes are those of an age file, binary or armored. */
export function isAge(bytes: Buffer): boolean {
  return startsWith(bytes, VERSION) || startsWith(bytes, ARMOR);
}

/** Returns the binary form of an age file. Throws `Damaged` if its armor is malformed. */
export function withoutArmor(bytes: Buffer, at: string): Buffer {
  if (!startsWith(bytes, ARMOR)) return bytes;
  try {
    return Buffer.from(armor.decode(bytes.toString('latin1')));
  } catch {
    return fail({ code: 'Damaged', at });
  }
}

/**
 * The largest accepted work factor of scrypt, as the base-2 logarithm: 1 GiB of memory and some seconds. `age` and
 * kubeseal write 18.
 */
export const MAX_WORK_FACTOR = 20;

/** The longest header that is looked at: a few hundred recipients. */
const MAX_HEADER = 1024 * 1024;

/** Returns what an age file is encrypted to, without decrypting anything. Throws `Damaged` or `WorkFactor`. */
export function encryptedTo(bytes: Buffer, at: string): EncryptedTo {
  const header = bytes.subarray(0, MAX_HEADER).toString('latin1');
  const stanza = /\n-> (?<type>\S+)(?<arguments>[^\n]*)\n/.exec(header)?.groups;
  if (stanza === undefined) return fail({ code: 'Damaged', at });
  if (stanza['type'] !== 'scrypt') return 'recipients';
  const workFactor = /^ \S+ (?<logarithm>[1-9][0-9]*)$/.exec(stanza['arguments'] ?? '')?.groups?.[
    'logarithm'
  ];
  if (workFactor === undefined) return fail({ code: 'Damaged', at });
  if (Number(workFactor) > MAX_WORK_FACTOR) fail({ code: 'WorkFactor', at, max: MAX_WORK_FACTOR });
  return 'passphrase';
}

function startsWith(bytes: Buffer, text: string): boolean {
  return bytes.subarray(0, text.length).toString('latin1') === text;
}
