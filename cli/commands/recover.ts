import { parseSealedSecret } from '../../shared/api/sealed-secret.ts';
import { NEVER } from '../../shared/clock.ts';
import { SealedSecretsError } from '../../shared/errors.ts';
import { secretJson } from '../../shared/manifest/write.ts';
import { inProcessRenderer } from '../../shared/seal/templates.ts';
import { unseal } from '../../shared/seal/unseal.ts';
import type { CliContext } from '../context.ts';
import { warnOfFields } from '../warnings/fields.ts';
import { readInput } from '../io/input.ts';
import { atDocument, candidatesOf, keyringOf, readRecoveryKeys } from '../offline/recovery-keys.ts';
import { namesIn } from '../../shared/input/names.ts';
import { warnOfNames } from '../warnings/names.ts';
import { warnOfMissing } from '../warnings/missing-items.ts';
import {
  formattedOutputOptions,
  inputOptions,
  keyOptions,
  nameOptions,
  type FormattedOutputOptions,
  type InputOptions,
  type KeyOptions,
  type NameOptions,
} from '../flags/options.ts';
import type { ParsedFlags } from '../flags/parsed-flags.ts';
import { usageError } from '../flags/usage-error.ts';
import { writeObjects } from '../io/output.ts';
import { forEach } from '../for-each.ts';
import { defineCommand } from './command.ts';

interface RecoverOptions extends InputOptions, FormattedOutputOptions, NameOptions, KeyOptions {
  readonly command: 'recovery-unseal';
}

/** `--recovery-unseal`: decrypts SealedSecrets with private keys. */
export const recover = defineCommand<RecoverOptions>({
  name: 'recovery-unseal',
  options: recoverOptions,
  run: recoverSecrets,
});

function recoverOptions(flags: ParsedFlags): RecoverOptions {
  const keys = keyOptions(flags);
  if (keys.recoveryPrivateKeys.length === 0)
    usageError('--recovery-unseal requires --recovery-private-key FILE');
  return {
    command: 'recovery-unseal',
    ...inputOptions(flags),
    ...formattedOutputOptions(flags),
    ...nameOptions(flags),
    ...keys,
  };
}

/** Decrypts every SealedSecret of the input with the private keys, without a cluster. */
async function recoverSecrets(options: RecoverOptions, context: CliContext): Promise<void> {
  const decrypter = keyringOf(await readRecoveryKeys(options, context));
  const renderer = inProcessRenderer('full');
  const candidates = candidatesOf(options);
  const documents = await readInput(options.secretFile, 'SealedSecret', context);
  const sealed = documents.map(({ value, place }) => ({ object: parseSealedSecret(value, place), place }));
  const secrets = await forEach(sealed, async ({ object, place }) => {
    const result = await unseal(object, { decrypter, renderer, place, signal: NEVER, candidates });
    if (!result.ok) throw new SealedSecretsError(atDocument(result.failure, object, place));
    warnOfMissing(result.unsealed.missing, place, context);
    return result.unsealed.secret;
  });
  warnOfFields(documents, 'SealedSecret', context);
  warnOfNames(
    sealed.map(({ object, place }) => namesIn(object, place)),
    context,
  );
  await writeObjects(secrets.map(secretJson), options, true);
}
