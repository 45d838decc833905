import { createHash } from 'node:crypto';
import type { Finding } from '../problem.ts';
import { relativePath } from './relative-path.ts';

/**
 * Returns a fingerprint of each finding, by which a server recognizes it in the next report. It stays the same when the
 * line moves. Equal findings of a file are counted. It is made of names, as messages are.
 */
export function fingerprints(findings: readonly Finding[]): readonly string[] {
  const counts = new Map<string, number>();
  return findings.map(({ rule, file, object, message }) => {
    const text = JSON.stringify([rule, relativePath(file), object ?? '', message]);
    const count = counts.get(text) ?? 0;
    counts.set(text, count + 1);
    return createHash('sha256').update(`${text}${count}`).digest('hex').slice(0, 32);
  });
}
