import { isItemName } from '../../shared/api/item-name.ts';
import { SealedSecretsError } from '../../shared/errors.ts';
import type { ItemProblem } from '../../shared/seal/item-problem.ts';
import { hintOf } from '../../shared/seal/hint.ts';
import { forgetAll, openItems } from '../../shared/seal/open-items.ts';
import { labelFor, scopeOf } from '../../shared/seal/scope.ts';
import { envelopesOf } from '../../shared/seal/unseal.ts';
import { VERIFY_TYPE, verifyAnswer } from '../../shared/seal/verify-answer.ts';
import type { PostJob } from './post.ts';
import { REQUEST } from './posted.ts';
import { empty, type Reply } from './reply.ts';

/** Whether the controller could unseal an object, and if not, which of its items fail. */
export interface Verdict {
  readonly ok: boolean;
  readonly problems: readonly ItemProblem[];
}

/** The verdict on an object that is refused without looking at its items. */
export const REFUSED: Verdict = { ok: false, problems: [] };

/**
 * Opens the items of an object, and discards the values. Runs no template: a client can put items of others under its
 * own template, and any answer that depends on the output would reveal their values. For the same reason the answer does
 * not reveal whether the deprecated `spec.data` holds a Secret, only whether it opens. Tries no more keys than opening
 * takes, so that a wrong key and a wrong label cost the same.
 */
export async function verify({ posted, decrypter }: PostJob, signal: AbortSignal): Promise<Verdict> {
  const { sealed, items, unparsable } = posted;
  const { metadata } = sealed;
  const encrypted = envelopesOf(sealed);
  if (encrypted === undefined || !items.every(isItemName)) return REFUSED;
  try {
    const label = labelFor(scopeOf(metadata.annotations), metadata, REQUEST);
    const opened = await openItems(encrypted, {
      label,
      hint: hintOf(metadata.annotations),
      decrypter,
      signal,
    });
    forgetAll(opened);
    const templateProblems = unparsable.map((item): ItemProblem => ({ code: 'Template', item, message: '' }));
    const problems = [...opened.problems, ...templateProblems];
    return { ok: problems.length === 0, problems };
  } catch (error) {
    // An invalid name.
    if (error instanceof SealedSecretsError) return REFUSED;
    throw error;
  }
}

/** Returns the answer: the status, and the problem of each item if the `Accept` header asks for `VERIFY_TYPE`. */
export function verifyReply({ ok, problems }: Verdict, accept: string | undefined): Reply {
  const status = ok ? 200 : 409;
  const types = (accept ?? '').split(',').map((type) => type.split(';')[0]?.trim().toLowerCase());
  return types.includes(VERIFY_TYPE)
    ? { status, type: VERIFY_TYPE, body: verifyAnswer(problems) }
    : empty(status);
}
