import { parseSealedSecret } from '../../shared/api/sealed-secret.ts';
import { showPlace } from '../../shared/api/place.ts';
import { refusalOf, type ControllerProxy } from '../../shared/cluster/controller-proxy.ts';
import { fail } from '../../shared/errors.ts';
import type { Document } from '../../shared/manifest/read.ts';
import { VERIFY_TYPE, problemsIn } from '../../shared/seal/verify-answer.ts';
import type { Context } from '../context.ts';
import { askPatiently, findControllerFor } from '../controller.ts';
import { warnOfFields } from '../field-warnings.ts';
import { readInput } from '../input.ts';
import { namesIn, warnOfNames } from '../name-warnings.ts';
import type { Options } from '../options.ts';
import { Progress } from '../progress.ts';
import { forEach } from '../several.ts';

/** Asks the controller of each SealedSecret whether it can unseal it. Says nothing when it can. */
export async function validateMode(options: Options, context: Context): Promise<void> {
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
  const controller = await findControllerFor(options, context);
  const progress = new Progress('validated', documents.length);
  try {
    await forEach(read, async ({ document, sealed }) => {
      await validate(document, sealed.metadata.name, controller, context);
      progress.step();
    });
  } finally {
    progress.end();
    controller.close();
  }
}

async function validate(
  { value, place }: Document,
  name: string,
  controller: ControllerProxy,
  { clock }: Context,
): Promise<void> {
  const request = {
    method: 'POST',
    path: '/v1/verify',
    accept: `${VERIFY_TYPE}, */*`,
    body: JSON.stringify(value),
  } as const;
  const answer = await askPatiently(controller, request, clock);
  const at = showPlace(place);
  if (answer.status === 409) fail({ code: 'NotVerified', at, name, problems: problemsIn(answer) });
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
