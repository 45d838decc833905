import type { Certificate } from '../../shared/crypto/certificate.ts';
import { SealedSecretsError } from '../../shared/errors.ts';
import { encryptItems } from '../../shared/seal/re-encrypt.ts';
import { SCOPES, scopeOf } from '../../shared/seal/scope.ts';
import { fillFrame, frameSize } from './frame.ts';
import type { PostJob } from './post.ts';
import { REQUEST, type PostedObject } from './posted.ts';
import { answerLimit, answerTooLarge, empty, type Reply } from './reply.ts';

/**
 * Returns the posted object with its items re-encrypted with the certificate `to`, for the name, namespace and scope of
 * its own metadata; or 409. A template may claim a scope too. A wider one is refused, since it would let others widen
 * the scope of items that were sealed strictly (CVE-2026-22728).
 */
export async function rotate(
  { posted, decrypter }: PostJob,
  to: Certificate,
  signal: AbortSignal,
): Promise<Reply> {
  const { sealed, frame } = posted;
  if (claimsWiderScope(posted)) return empty(409);
  // Fails early, before the first private-key operation.
  if (smallestAnswer(posted, to) > answerLimit(posted.bodySize)) return answerTooLarge();
  try {
    const result = await encryptItems(sealed, { certificate: to, decrypter, place: REQUEST, signal });
    if ('problems' in result) return empty(409);
    const body = fillFrame(frame, result.encryptedData, to.fingerprint);
    return { status: 200, type: 'application/json', body };
  } catch (error) {
    // An invalid name, or the deprecated `spec.data`.
    if (error instanceof SealedSecretsError) return empty(409);
    throw error;
  }
}

function claimsWiderScope({ sealed, claimedScope }: PostedObject): boolean {
  return SCOPES.indexOf(claimedScope) > SCOPES.indexOf(scopeOf(sealed.metadata.annotations));
}

/** Returns a lower bound of the answer's size in bytes. Counts only the RSA part of each item, in base64. */
function smallestAnswer({ sealed, frame }: PostedObject, { publicKey }: Certificate): number {
  const wrappedKey = publicKey.modulus.length;
  return frameSize(frame) + sealed.encryptedData.size * Math.ceil((wrappedKey * 4) / 3);
}
