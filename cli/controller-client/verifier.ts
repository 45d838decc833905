import type { SealedSecret } from '../../shared/api/sealed-secret.ts';
import { showPlace } from '../../shared/api/place.ts';
import { refusalOf } from './controller-proxy.ts';
import { fail } from '../errors.ts';
import type { Document } from '../../shared/manifest/read.ts';
import type { CliContext } from '../context.ts';
import type { ControllerOptions } from '../flags/options.ts';
import type { Verifier } from '../verifier.ts';
import { ControllerAccess, findControllerFor } from './client.ts';
import { verify } from './verify.ts';

/** Verifies through the controller. Its `verify` throws `NotVerified`, `VerifyRefused` or `ControllerRefused`. */
export async function controllerVerifier(options: ControllerOptions, context: CliContext): Promise<Verifier> {
  const controller = new ControllerAccess(await findControllerFor(options, context), context.clock);
  return {
    verify: (sealed, document) => requireVerified(sealed, document, controller),
    close: () => controller.close(),
  };
}

async function requireVerified(
  sealed: SealedSecret,
  document: Document,
  controller: ControllerAccess,
): Promise<void> {
  const { response, problems } = await verify(document, sealed, controller);
  const at = showPlace(document.place);
  const { name } = sealed.metadata;
  if (response.status === 409) fail({ code: 'NotVerified', at, name, problems });
  if (response.status !== 200) fail({ code: 'VerifyRefused', at, name, reason: refusalOf(response) });
  // A success has no body, so a login page with status 200 would pass for one.
  if (response.headers['content-type']?.startsWith('text/html')) {
    fail({
      code: 'VerifyRefused',
      at,
      name,
      reason: 'the response is a web page; check for a proxy in between',
    });
  }
}
