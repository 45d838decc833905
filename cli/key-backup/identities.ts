import { Decrypter } from 'age-encryption';
import { readFileBytes } from '../io/input.ts';
import { isAge } from './age-header.ts';
import { fail } from './errors.ts';
import { linesOf } from './recipients.ts';

/** The identities of `--identity`. */
export interface Identities {
  /** The files, for the program age. */
  readonly files: readonly string[];
  /** The identities in them. They are secret. */
  readonly texts: readonly string[];
  /** The first file that only the program age can read: with identities of plugins or of SSH, or an encrypted one. */
  readonly foreign: string | undefined;
}

const NATIVE = /^AGE-SECRET-KEY-(?:PQ-)?1[02-9AC-HJ-NP-Z]+$/;
const PLUGIN = /^AGE-PLUGIN-[A-Z0-9-]+-1[02-9AC-HJ-NP-Z]*$/;
const SSH = /^-----BEGIN [A-Z ]*PRIVATE KEY-----/;

/** Reads the files of `--identity`. Throws `BadIdentity` or `NoIdentities`, and what reading a file throws. */
export async function readIdentities(files: readonly string[]): Promise<Identities> {
  const texts: string[] = [];
  let foreign: string | undefined;
  for (const path of files) {
    const bytes = await readFileBytes(path);
    if (isAge(bytes) || SSH.test(bytes.subarray(0, 100).toString('latin1'))) {
      foreign ??= path;
      continue;
    }
    const lines = linesOf(bytes);
    if (lines.length === 0) fail({ code: 'NoIdentities', path });
    for (const { text, line } of lines) {
      if (isNative(text)) texts.push(text);
      else if (PLUGIN.test(text)) foreign ??= path;
      else fail({ code: 'BadIdentity', path, line });
    }
  }
  return { files, texts, foreign };
}

function isNative(text: string): boolean {
  if (!NATIVE.test(text)) return false;
  try {
    // Checks the digits at its end.
    new Decrypter().addIdentity(text);
    return true;
  } catch {
    return false;
  }
}
