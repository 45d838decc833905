import { at } from '../control-plane/admin-client.ts';
import type { Cluster } from './cluster.ts';

/** What the tests of one file have used and what no controller may show: plaintexts, private keys, tokens. */
const used = new Set<string>();

/** A shorter text may stand in any output by chance. */
const SHORTEST = 8;
/** As much of a long one as is sure to be its own. */
const LONGEST = 128;

/** Notes a plaintext, a token, or a private key as PEM, of which each line is looked for. */
export function noteSecret(text: string): void {
  if (/-----BEGIN [A-Z ]*CERTIFICATE-----/.test(text)) return;
  const parts = text.includes('PRIVATE KEY-----') ? text.split('\n').filter(isWholeLine) : [text];
  for (const part of parts) if (part.length >= SHORTEST) used.add(part.slice(0, LONGEST));
}

/** Notes all that is in the Secrets of a cluster: keys that a controller has made, and what was unsealed. */
export async function noteSecretsOf(cluster: Cluster): Promise<void> {
  for (const secret of await cluster.list('secrets')) {
    for (const value of Object.values(at(secret, 'data') ?? {})) {
      noteSecret(Buffer.from(String(value), 'base64').toString('utf8'));
    }
  }
}

export function secretsUsed(): readonly string[] {
  return [...used];
}

/** PEM lines are of 64 characters; the last one is shorter, and the marks tell nothing. */
function isWholeLine(line: string): boolean {
  return line.length === 64;
}
