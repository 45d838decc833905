import { isItemName } from '../../shared/api/item-name.ts';
import { SealedSecretsError, type ItemProblem } from '../../shared/errors.ts';
import { hintOf } from '../../shared/seal/hint.ts';
import { forgetAll, openItems } from '../../shared/seal/open-items.ts';
import { labelFor, scopeOf } from '../../shared/seal/scope.ts';
import { envelopesOf } from '../../shared/seal/unseal.ts';
import { VERIFY_TYPE, verifyAnswer } from '../../shared/seal/verify-answer.ts';
import type { Job } from './post.ts';
import { REQUEST } from './posted.ts';
import { empty, type Reply } from './reply.ts';

/** Whether the controller could unseal an object, and if not, which of its items are to blame. */
export interface Verdict {
  readonly ok: boolean;
  readonly problems: readonly ItemProblem[];
}

export const REFUSED: Verdict = { ok: false, problems: [] };

/**
 * Opens the items, and runs no template: who asks may have the items of others under a template of his own, and whatever
 * depends on what comes out would spell out their values. For the same reason nobody is told whether the deprecated
 * `spec.data` holds a Secret, only whether it opens; and no key is tried beyond what opening takes, so that a wrong key
 * and a wrong label cost the same.
 */
export async function verify({ posted, decrypter }: Job, signal: AbortSignal): Promise<Verdict> {
  const { sealed, items, unparsable } = posted;
  const { metadata } = sealed;
  const encrypted = envelopesOf(sealed);
  if (encrypted === undefined || !items.every(isItemName)) return REFUSED;
  try {
    const label = labelFor(scopeOf(metadata.annotations), metadata, REQUEST);
    const opened = await openItems(encrypted, label, hintOf(metadata.annotations), decrypter, signal);
    forgetAll(opened);
    const broken = unparsable.map((item): ItemProblem => ({ code: 'Template', item, told: '' }));
    const problems = [...opened.problems, ...broken];
    return { ok: problems.length === 0, problems };
  } catch (error) {
    // A name that is none.
    if (error instanceof SealedSecretsError) return REFUSED;
    throw error;
  }
}

/** To who asks for it in `Accept`, the items and what is wrong with them; to others nothing but the status. */
export function verifyReply({ ok, problems }: Verdict, accept: string | undefined): Reply {
  const status = ok ? 200 : 409;
  const types = (accept ?? '').split(',').map((type) => type.split(';')[0]?.trim().toLowerCase());
  return types.includes(VERIFY_TYPE)
    ? { status, type: VERIFY_TYPE, body: verifyAnswer(problems) }
    : empty(status);
}
