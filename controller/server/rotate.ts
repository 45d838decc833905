import type { KeyObject } from 'node:crypto';
import type { Certificate } from '../../shared/crypto/certificate.ts';
import { SealedSecretsError } from '../../shared/errors.ts';
import { encryptItems } from '../../shared/seal/re-encrypt.ts';
import { SCOPES, scopeOf } from '../../shared/seal/scope.ts';
import { fillFrame, frameSize } from './frame.ts';
import type { Job } from './post.ts';
import { REQUEST, type Posted } from './posted.ts';
import { answerLimit, answerTooLarge, empty, type Reply } from './reply.ts';

/**
 * Returns the object as it came, its items under the newest key, for the name, namespace and scope that its own metadata
 * give; or 409. Nothing else of a template counts than the scope it claims: one that is wider is refused, for in other
 * hands it would widen what was sealed strictly (CVE-2026-22728).
 */
export async function rotate(
  { posted, decrypter }: Job,
  to: Certificate,
  signal: AbortSignal,
): Promise<Reply> {
  const { sealed, frame } = posted;
  if (claimsWiderScope(posted)) return empty(409);
  // Known before the first private operation.
  if (smallestAnswer(posted, to.publicKey) > answerLimit(posted.bodySize)) return answerTooLarge();
  try {
    const result = await encryptItems(sealed, to, decrypter, REQUEST, signal);
    if ('problems' in result) return empty(409);
    const body = fillFrame(frame, result.encryptedData, to.fingerprint);
    return { status: 200, type: 'application/json', body };
  } catch (error) {
    // A name that is none, or the deprecated `spec.data`.
    if (error instanceof SealedSecretsError) return empty(409);
    throw error;
  }
}

function claimsWiderScope({ sealed, claimedScope }: Posted): boolean {
  return SCOPES.indexOf(claimedScope) > SCOPES.indexOf(scopeOf(sealed.metadata.annotations));
}

/** Returns the least bytes that the answer has: of each item the RSA part alone, in base64. */
function smallestAnswer({ sealed, frame }: Posted, { asymmetricKeyDetails }: KeyObject): number {
  const wrappedKey = (asymmetricKeyDetails?.modulusLength ?? 0) / 8;
  return frameSize(frame) + sealed.encryptedData.size * Math.ceil((wrappedKey * 4) / 3);
}
