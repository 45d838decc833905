import type { SealedSecret } from '../../shared/api/sealed-secret.ts';
import { showPlace, type Place } from '../../shared/api/place.ts';
import { Failure, SealedSecretsError } from '../../shared/errors.ts';
import { cliFailure } from '../errors.ts';
import type { ItemProblem } from '../../shared/seal/item-problem.ts';
import type { Candidate } from '../../shared/seal/explain.ts';
import type { Decrypter } from '../../shared/seal/open-items.ts';
import { Keyring } from '../../shared/seal/keyring.ts';
import { scopeOf } from '../../shared/seal/scope.ts';
import type { CliContext } from '../context.ts';
import type { KeyOptions, NameOptions } from '../flags/options.ts';
import { atMost } from './at-most.ts';
import { readKeyFile, type RecoveryKey } from './key-files.ts';
import { type SealFailure } from '../../shared/seal/errors.ts';

/** The files with private keys, and what to prepare the keys for. */
export interface RecoveryKeyOptions extends KeyOptions {
  /** How many operations each key can run in parallel. Defaults to 1. */
  readonly copies?: number;
}

/**
 * Reads the private keys of all files of `--recovery-private-key`. Warns about anything else in these files. Throws if
 * they hold no key.
 */
export async function readRecoveryKeys(
  { recoveryPrivateKeys, copies }: RecoveryKeyOptions,
  context: CliContext,
): Promise<readonly RecoveryKey[]> {
  const keys: RecoveryKey[] = [];
  const failures: Failure[] = [];
  for (const file of recoveryPrivateKeys) {
    for (const read of await readKeyFile(file, copies)) {
      if (read instanceof Failure) failures.push(read);
      else keys.push(read);
    }
  }
  const [first] = failures;
  if (first !== undefined && keys.length === 0) throw new SealedSecretsError(first);
  // A file may hold all Secrets of a namespace, most of which are not keys.
  for (const failure of failures) context.warn(`(skipped: ${failure.describe()})`);
  return keys;
}

/** Returns a keyring of the private keys. */
export function keyringOf(keys: readonly RecoveryKey[]): Keyring {
  return new Keyring(keys.map(({ key }) => key));
}

/** Returns a decrypter with the private keys that runs as many operations at once as the keys are prepared for. */
export function decrypterOf(keys: readonly RecoveryKey[], { copies = 1 }: RecoveryKeyOptions): Decrypter {
  return keyringOf(keys).scheduledBy(atMost(copies));
}

/** Returns the name and namespace of `--name` and `-n`: an edited object may have been sealed for them. */
export function candidatesOf({ name = '', namespace = '' }: NameOptions): readonly Candidate[] {
  return name === '' && namespace === '' ? [] : [{ name, namespace }];
}

/** Adds the document's place to a failure to open items, and what to put back if the document was edited. */
export function atDocument(failure: SealFailure, { metadata }: SealedSecret, place: Place): Failure {
  if (failure.details.code !== 'Unseal') return failure;
  const editedScope = scopeOf(metadata.annotations);
  const problems = failure.details.problems.map((problem): ItemProblem => {
    if (problem.code !== 'NoKey' || problem.known === undefined) return problem;
    return { ...problem, known: { ...problem.known, editedScope } };
  });
  return cliFailure({ code: 'UnsealDocument', at: showPlace(place), problems });
}
