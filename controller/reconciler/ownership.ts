import { OWNER_UID } from '../../shared/api/annotations.ts';
import { controllerOf, type Metadata } from '../../shared/api/metadata.ts';
import type { Secret } from '../../shared/api/secret.ts';
import type { Ownership } from '../../shared/api/status.ts';

/**
 * Returns how the Secret itself shows that it belongs to the SealedSecret. Only what stands on the Secret counts, since
 * only the writers of the Secret can put it there; the status of the SealedSecret is no proof. The annotation outlives an
 * owner reference that backup tools and user interfaces take away, and counts where nobody controls the Secret.
 */
export function ownershipOf(owner: Metadata, { metadata }: Secret): Ownership {
  const controller = controllerOf(metadata);
  if (controller) return controller.uid === owner.server.uid ? 'Reference' : 'None';
  return metadata.annotations.get(OWNER_UID) === owner.server.uid ? 'Status' : 'None';
}

/** The Secret with the annotation that proves its owner. */
export function withProof(secret: Secret, owner: Metadata): Secret {
  return withAnnotations(secret, [...secret.metadata.annotations, [OWNER_UID, owner.server.uid]]);
}

/** The Secret without that annotation: a template cannot set it. */
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
