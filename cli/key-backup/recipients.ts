import { Encrypter } from 'age-encryption';
import { readFileBytes } from '../io/input.ts';
import { fail } from './errors.ts';

/** A recipient, and where it was named. */
export interface Recipient {
  /** `age1…`, or what the program age understands besides, such as a recipient of a plugin. */
  readonly text: string;
  /** For messages. */
  readonly from: string;
  /** Whether no program but kubeseal is needed to encrypt to it. */
  readonly isNative: boolean;
}

/** Recipients of age itself. Those of plugins have a `1` in their middle as well, behind the name of the plugin. */
const NATIVE = /^age1(?:(?:pq|tag|tagpq)1)?[02-9ac-hj-np-z]+$/;
/** Recipients that the program age understands: of plugins, and public keys of SSH. */
const OTHERS = /^(?:age1[a-z0-9-]+1[02-9ac-hj-np-z]+|ssh-(?:ed25519|rsa) [A-Za-z0-9+/=]+(?: .*)?)$/;
const POST_QUANTUM = /^age1(?:pq|tagpq)1/;

/**
 * Returns the recipients of `--recipient` and of the files of `--recipients-file`, which hold one in each line. Throws
 * `BadRecipient`, `SecretRecipient`, `NoRecipients` or `MixedRecipients`, and what reading a file throws.
 */
export async function readRecipients(
  texts: readonly string[],
  files: readonly string[],
): Promise<readonly Recipient[]> {
  const recipients = texts.map((text, index) =>
    recipientOf(text.trim(), texts.length === 1 ? '--recipient' : `the --recipient ${index + 1}`),
  );
  for (const path of files) {
    const lines = linesOf(await readFileBytes(path));
    if (lines.length === 0) fail({ code: 'NoRecipients', path });
    recipients.push(...lines.map(({ text, line }) => recipientOf(text, `${path}: line ${line}`)));
  }
  const kinds = new Set(recipients.map(({ text }) => POST_QUANTUM.test(text)));
  if (kinds.size > 1) fail({ code: 'MixedRecipients' });
  return recipients;
}

function recipientOf(text: string, from: string): Recipient {
  if (/^age-(?:secret-key|plugin)-/i.test(text)) fail({ code: 'SecretRecipient', from });
  if (NATIVE.test(text)) {
    try {
      new Encrypter().addRecipient(text);
    } catch {
      fail({ code: 'BadRecipient', from });
    }
    return { text, from, isNative: true };
  }
  if (OTHERS.test(text)) return { text, from, isNative: false };
  return fail({ code: 'BadRecipient', from });
}

/** Returns the lines of a file of recipients or identities, from 1, without empty ones and comments. */
export function linesOf(bytes: Buffer): readonly { readonly text: string; readonly line: number }[] {
  const lines = bytes.toString('utf8').split('\n');
  return lines
    .map((text, index) => ({ text: text.trim(), line: index + 1 }))
    .filter(({ text }) => text !== '' && !text.startsWith('#'));
}
