import { showPlace } from '../../shared/api/place.ts';
import { NEVER } from '../../shared/clock.ts';
import { SealedSecretsError } from '../../shared/errors.ts';
import { fail } from '../errors.ts';
import { inProcessRenderer } from '../../shared/seal/templates.ts';
import { unseal } from '../../shared/seal/unseal.ts';
import type { CliContext } from '../context.ts';
import type { NameOptions } from '../flags/options.ts';
import type { Verifier } from '../verifier.ts';
import { describeOldKey } from './newest-key.ts';
import { candidatesOf, decrypterOf, readRecoveryKeys, type RecoveryKeyOptions } from './recovery-keys.ts';

/**
 * Verifies without a controller, templates included. Warns if an old key opens an item. Throws `NotVerified` if an item
 * does not open, and the failures of `unseal` that concern the whole object.
 */
export async function offlineVerifier(
  options: RecoveryKeyOptions & NameOptions,
  context: CliContext,
): Promise<Verifier> {
  const keys = await readRecoveryKeys(options, context);
  const decrypter = decrypterOf(keys, options);
  const renderer = inProcessRenderer('full');
  const candidates = candidatesOf(options);
  return {
    async verify(sealed, { place }) {
      const at = showPlace(place);
      const result = await unseal(sealed, { decrypter, renderer, place, signal: NEVER, candidates });
      if (!result.ok) {
        const { details } = result.failure;
        const { name } = sealed.metadata;
        if (details.code === 'Unseal') fail({ code: 'NotVerified', at, name, problems: details.problems });
        throw new SealedSecretsError(result.failure);
      }
      const old = describeOldKey(result.unsealed.openedBy.values(), keys, context.clock.now());
      if (old !== undefined) context.warn(`(${at}: ${old})`);
    },
    close: () => undefined,
  };
}
