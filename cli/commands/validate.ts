import { parseSealedSecret } from '../../shared/api/sealed-secret.ts';
import type { CliContext } from '../context.ts';
import { warnOfFields } from '../warnings/fields.ts';
import { readInput } from '../io/input.ts';
import { warnOfMissingIn } from '../warnings/missing-items.ts';
import { namesIn, warnOfNames } from '../warnings/names.ts';
import type { Options } from '../flags/options.ts';
import { Progress } from '../io/progress.ts';
import { forEach } from '../for-each.ts';
import type { Verifier } from '../verifier.ts';

/** Checks that the controller, or the private keys, can unseal every SealedSecret of the input. Prints only problems. */
export async function validateCommand(options: Options, context: CliContext): Promise<void> {
  // Reports problems with keys before it reads stdin.
  const offline = await offlineVerifierOf(options, context);
  const documents = await readInput(options.secretFile, 'SealedSecret', context);
  // Parses all documents before it sends the first one.
  const inputs = documents.map((document) => ({
    document,
    sealed: parseSealedSecret(document.value, document.place),
  }));
  warnOfFields(documents, 'SealedSecret', context);
  warnOfNames(
    inputs.map(({ document, sealed }) => namesIn(sealed, document.place)),
    context,
  );
  for (const { document, sealed } of inputs) await warnOfMissingIn(sealed, document.place, context);
  const verifier = offline ?? (await controllerVerifierOf(options, context));
  const progress = new Progress('validated', documents.length);
  try {
    await forEach(inputs, async ({ document, sealed }) => {
      await verifier.verify(sealed, document);
      progress.step();
    });
  } finally {
    progress.end();
    verifier.close();
  }
}

/** Returns undefined without private keys. */
async function offlineVerifierOf(options: Options, context: CliContext): Promise<Verifier | undefined> {
  if (options.recoveryPrivateKeys.length === 0) return undefined;
  const { offlineVerifier } = await import('../offline/verifier.ts');
  return offlineVerifier(options, context);
}

async function controllerVerifierOf(options: Options, context: CliContext): Promise<Verifier> {
  const { controllerVerifier } = await import('../controller-client/verifier.ts');
  return controllerVerifier(options, context);
}
