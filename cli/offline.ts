import type { SealedSecret } from '../shared/api/sealed-secret.ts';
import { showPlace, type Place } from '../shared/api/place.ts';
import { NEVER } from '../shared/clock.ts';
import { describe, fail, type Failure, type ItemProblem } from '../shared/errors.ts';
import type { Candidate } from '../shared/seal/explain.ts';
import { Keyring } from '../shared/seal/keyring.ts';
import { reEncrypt } from '../shared/seal/re-encrypt.ts';
import { scopeOf } from '../shared/seal/scope.ts';
import { renderHere } from '../shared/seal/templates.ts';
import { unseal } from '../shared/seal/unseal.ts';
import { obtainValid } from './certificate.ts';
import type { CliContext } from './context.ts';
import { readKeys, type RecoveryKey } from './key-files.ts';
import type { ReEncrypter } from './commands/re-encrypt.ts';
import type { Verifier } from './commands/validate.ts';
import { oldKeyOf, refuseOldCertificate } from './newest-key.ts';
import type { Options } from './flags/options.ts';

/** The keys of all files of `--recovery-private-key`. Notes what is no key beside keys; throws where there is no key. */
export async function readRecoveryKeys(
  options: Options,
  context: CliContext,
): Promise<readonly RecoveryKey[]> {
  const keys: RecoveryKey[] = [];
  const failures: Failure[] = [];
  for (const file of options.recoveryPrivateKeys) {
    for (const read of await readKeys(file)) {
      if ('code' in read) failures.push(read);
      else keys.push(read);
    }
  }
  const [first] = failures;
  if (first !== undefined && keys.length === 0) fail(first);
  // A whole namespace's Secrets may be among them.
  for (const failure of failures) context.warn(`(passed over: ${describe(failure)})`);
  return keys;
}

export function keyringOf(keys: readonly RecoveryKey[]): Keyring {
  return new Keyring(keys.map(({ key }) => key));
}

/** What `--name` and `-n` say an object may have been sealed for, though it says something else. */
export function candidatesOf({ name = '', namespace = '' }: Options): readonly Candidate[] {
  return name === '' && namespace === '' ? [] : [{ name, namespace }];
}

/** A failure to open items, with the place of the document it is about, and what to put back if that was edited. */
export function atDocument(failure: Failure, { metadata }: SealedSecret, place: Place): Failure {
  if (failure.code !== 'Unseal') return failure;
  const editedScope = scopeOf(metadata.annotations);
  const problems = failure.problems.map((problem): ItemProblem => {
    if (problem.code !== 'NoKey' || problem.known === undefined) return problem;
    return { ...problem, known: { ...problem.known, editedScope } };
  });
  return { code: 'UnsealDocument', at: showPlace(place), problems };
}

/**
 * Re-encrypts without a controller: the private keys open, the certificate seals. Throws `OldCertificate` or
 * `RetiredCertificate` for a certificate of `--cert` that is not of the newest key, unless a flag confirms it.
 */
export async function offlineReEncrypter(options: Options, context: CliContext): Promise<ReEncrypter> {
  const keys = await readRecoveryKeys(options, context);
  const { certificate, from } = await obtainValid(options, context);
  // The certificate of a cluster is that of its newest key.
  if (options.cert !== undefined && !options.allowOldCertificate)
    refuseOldCertificate(certificate, from, keys, context.clock.now());
  const keyring = keyringOf(keys);
  return {
    async reEncrypt(sealed: SealedSecret, { place }) {
      const result = await reEncrypt(sealed, certificate, keyring, candidatesOf(options), place, NEVER);
      return result.ok ? result.encryptedData : fail(atDocument(result.failure, sealed, place));
    },
    fingerprint: () => Promise.resolve(certificate.fingerprint),
    close: () => undefined,
  };
}

/**
 * Validates without a controller, templates included. Notes what opens with an old key. Throws `NotVerified`, and what
 * `unseal` fails with beside items.
 */
export async function offlineVerifier(options: Options, context: CliContext): Promise<Verifier> {
  const keys = await readRecoveryKeys(options, context);
  const keyring = keyringOf(keys);
  return {
    async verify(sealed: SealedSecret, { place }) {
      const at = showPlace(place);
      const result = await unseal(sealed, keyring, renderHere('whole'), place, NEVER, candidatesOf(options));
      if (!result.ok) {
        const { failure } = result;
        const { name } = sealed.metadata;
        fail(
          failure.code === 'Unseal' ? { code: 'NotVerified', at, name, problems: failure.problems } : failure,
        );
      }
      const old = oldKeyOf(result.unsealed.openedBy.values(), keys, context.clock.now());
      if (old !== undefined) context.warn(`(${at}: ${old})`);
    },
    close: () => undefined,
  };
}
