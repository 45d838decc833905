import { parseSealedSecret, type SealedSecret } from '../../shared/api/sealed-secret.ts';
import { showPlace } from '../../shared/api/place.ts';
import { refusalOf, type ControllerProxy } from '../../shared/kubernetes/api/controller-proxy.ts';
import { fail } from '../../shared/errors.ts';
import type { Document } from '../../shared/manifest/read.ts';
import type { CliContext } from '../context.ts';
import { findControllerFor } from '../controller.ts';
import { warnOfFields } from '../warnings/fields.ts';
import { readInput } from '../io/input.ts';
import { warnOfMissingIn } from '../warnings/missing-items.ts';
import { namesIn, warnOfNames } from '../warnings/names.ts';
import type { Options } from '../flags/options.ts';
import { Progress } from '../io/progress.ts';
import { forEach } from '../several.ts';
import { verify } from '../verify.ts';

/** Tells whether SealedSecrets can be unsealed: by the controller, or by private keys. */
export interface Verifier {
  /** Throws where it cannot be unsealed. */
  verify(sealed: SealedSecret, document: Document): Promise<void>;
  close(): void;
}

/** Says nothing of SealedSecrets that the controller, or the private keys, can unseal. */
export async function validateMode(options: Options, context: CliContext): Promise<void> {
  // A problem with keys is reported before stdin is read.
  const offline = await offlineVerifierOf(options, context);
  const documents = await readInput(options.secretFile, 'SealedSecret', context);
  // All are read before the first is sent.
  const read = documents.map((document) => ({
    document,
    sealed: parseSealedSecret(document.value, document.place),
  }));
  warnOfFields(documents, 'SealedSecret', context);
  warnOfNames(
    read.map(({ document, sealed }) => namesIn(sealed, document.place)),
    context,
  );
  for (const { document, sealed } of read) await warnOfMissingIn(sealed, document.place, context);
  const verifier = offline ?? (await controllerVerifier(options, context));
  const progress = new Progress('validated', documents.length);
  try {
    await forEach(read, async ({ document, sealed }) => {
      await verifier.verify(sealed, document);
      progress.step();
    });
  } finally {
    progress.end();
    verifier.close();
  }
}

/** Undefined where there are no private keys. */
async function offlineVerifierOf(options: Options, context: CliContext): Promise<Verifier | undefined> {
  if (options.recoveryPrivateKeys.length === 0) return undefined;
  const { offlineVerifier } = await import('../offline.ts');
  return offlineVerifier(options, context);
}

async function controllerVerifier(options: Options, context: CliContext): Promise<Verifier> {
  const controller = await findControllerFor(options, context);
  return {
    verify: (sealed, document) => validate(document, sealed, controller, context),
    close: () => controller.close(),
  };
}

async function validate(
  document: Document,
  sealed: SealedSecret,
  controller: ControllerProxy,
  context: CliContext,
): Promise<void> {
  const { answer, problems } = await verify(document, sealed, controller, context);
  const at = showPlace(document.place);
  const { name } = sealed.metadata;
  if (answer.status === 409) fail({ code: 'NotVerified', at, name, problems });
  if (answer.status !== 200) fail({ code: 'VerifyRefused', at, name, reason: refusalOf(answer) });
  // A login page would pass for a yes, which has no body.
  if (answer.headers['content-type']?.startsWith('text/html')) {
    fail({
      code: 'VerifyRefused',
      at,
      name,
      reason: 'its answer is a web page: is there a proxy on the way?',
    });
  }
}
