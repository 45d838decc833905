import { OWNER_UID } from '../../shared/api/annotations.ts';
import { controllerOf, type Metadata } from '../../shared/api/metadata.ts';
import type { Secret } from '../../shared/api/secret.ts';
import type { Ownership } from '../../shared/api/status.ts';

/**
 * Returns how the Secret itself proves that it belongs to the SealedSecret. Only the Secret's own metadata counts, since
 * only clients that may write the Secret can set it; the SealedSecret's status is no proof. The annotation remains when
 * backup tools or user interfaces remove the owner reference. It counts only where the Secret has no controller.
 */
export function ownershipOf(owner: Metadata, { metadata }: Secret): Ownership {
  const controller = controllerOf(metadata);
  if (controller) return controller.uid === owner.server.uid ? 'Reference' : 'None';
  return metadata.annotations.get(OWNER_UID) === owner.server.uid ? 'Status' : 'None';
}

/** Returns the Secret with the annotation that proves its owner. */
export function withProof(secret: Secret, owner: Metadata): Secret {
  return withAnnotations(secret, [...secret.metadata.annotations, [OWNER_UID, owner.server.uid]]);
}

/** Returns the Secret without that annotation, which a template must not set. */
export function withoutProof(secret: Secret): Secret {
  const { annotations } = secret.metadata;
  if (!annotations.has(OWNER_UID)) return secret;
  return withAnnotations(
    secret,
    [...annotations].filter(([name]) => name !== OWNER_UID),
  );
}

function withAnnotations(secret: Secret, annotations: Iterable<readonly [string, string]>): Secret {
  return { ...secret, metadata: { ...secret.metadata, annotations: new Map(annotations) } };
}
