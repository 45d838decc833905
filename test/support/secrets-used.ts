import { at } from '../control-plane/admin-client.ts';
import type { ControlPlane } from '../control-plane/control-plane.ts';
import { Cluster } from './cluster.ts';

/** What the tests of one file used that no controller may print: plaintexts, private keys, tokens. */
const used = new Set<string>();

/** Shorter texts can occur in any output by chance. */
const SHORTEST = 8;
/** A prefix of this length identifies a long text. */
const LONGEST = 128;

/** Registers a plaintext, a token, or a private key as PEM, of which each line is searched for. */
export function noteSecret(text: string): void {
  if (/-----BEGIN [A-Z ]*CERTIFICATE-----/.test(text)) return;
  const parts = text.includes('PRIVATE KEY-----') ? text.split('\n').filter(isWholeLine) : [text];
  for (const part of parts) if (part.length >= SHORTEST) used.add(part.slice(0, LONGEST));
}

/** Registers everything in the Secrets of a cluster: keys that a controller generated, and unsealed values. */
export async function noteSecretsOf(cluster: Cluster): Promise<void> {
  for (const secret of await cluster.list('secrets')) {
    for (const value of Object.values(at(secret, 'data') ?? {})) {
      noteSecret(Buffer.from(String(value), 'base64').toString('utf8'));
    }
  }
}

/** Registers all tokens of a control plane, and everything in its Secrets if its API server runs. */
export async function noteSecretsOfPlane(plane: ControlPlane): Promise<void> {
  for (const token of [plane.adminToken, ...plane.issuedTokens]) {
    noteSecret(token);
    noteSecret(token.split('.')[2] ?? '');
  }
  // The test may have stopped the API server.
  await noteSecretsOf(new Cluster(plane)).catch(() => undefined);
}

/** Returns all registered texts. */
export function secretsUsed(): readonly string[] {
  return [...used];
}

/** Whether a line of PEM is full, with 64 characters. The last line is shorter, and the markers are not secret. */
function isWholeLine(line: string): boolean {
  return line.length === 64;
}
