import { showPlace } from '../shared/api/place.ts';
import { parseSealedSecret, type SealedSecret } from '../shared/api/sealed-secret.ts';
import { isObject } from '../shared/api/reader.ts';
import {
  controllerCertificate,
  refusalOf,
  type ControllerProxy,
} from '../shared/kubernetes/api/controller-proxy.ts';
import { parseCertificate } from '../shared/crypto/certificate.ts';
import { fail, SealedSecretsError, type ItemProblem } from '../shared/errors.ts';
import { readDocuments, type Document } from '../shared/manifest/read.ts';
import { SCOPES, scopeOf } from '../shared/seal/scope.ts';
import { CERTIFICATE_LIMITS } from './certificate.ts';
import type { CliContext } from './context.ts';
import { askPatiently, findControllerFor } from './controller.ts';
import type { ReEncrypter } from './commands/re-encrypt.ts';
import type { Options } from './flags/options.ts';
import { verify } from './verify.ts';

/** Encrypts anew by the controller's `POST /v1/rotate`, which knows its keys and its newest certificate. */
export async function rotatingController(options: Options, context: CliContext): Promise<ReEncrypter> {
  const controller = await findControllerFor(options, context);
  let fingerprint: Promise<string> | undefined;
  return {
    reEncrypt: (sealed, document) => rotate(sealed, document, controller, context),
    fingerprint: () => (fingerprint ??= fingerprintOf(controller)),
    close: () => controller.close(),
  };
}

async function fingerprintOf(controller: ControllerProxy): Promise<string> {
  const text = await controllerCertificate(controller, CERTIFICATE_LIMITS);
  return parseCertificate(text, 'the certificate of the controller').fingerprint;
}

/** Of the answer, only the ciphertexts of the items that were sent are taken. */
async function rotate(
  sealed: SealedSecret,
  document: Document,
  controller: ControllerProxy,
  context: CliContext,
): Promise<ReadonlyMap<string, string>> {
  const { value, place } = document;
  const request = { method: 'POST', path: '/v1/rotate', body: JSON.stringify(value) } as const;
  const answer = await askPatiently(controller, request, context.clock);
  const at = showPlace(place);
  const { name } = sealed.metadata;
  const refuse = (reason: string): never => fail({ code: 'RotateRefused', at, name, reason });
  if (answer.status === 409) {
    if (claimsWiderScope(sealed)) refuse('spec.template.metadata has a wider scope than metadata');
    fail({
      code: 'NotVerified',
      at,
      name,
      problems: await problemsOf(sealed, document, controller, context),
    });
  }
  if (answer.status !== 200) refuse(refusalOf(answer));
  const answered = readAnswer(answer.body) ?? refuse('its answer is no SealedSecret');
  if (!isSamePlace(answered, sealed)) refuse('its answer is sealed for another name, namespace or scope');
  const items = [...sealed.encryptedData.keys()].map((item): [string, string] => {
    const ciphertext = answered.encryptedData.get(item);
    return [item, ciphertext ?? refuse('its answer lacks an item')];
  });
  return new Map(items);
}

/**
 * Why a refused object does not open, as `--validate` says it: the refusal itself has no reason. Empty where the
 * controller does not say. A template that does not parse is no reason, since re-encrypting leaves templates alone.
 */
async function problemsOf(
  sealed: SealedSecret,
  document: Document,
  controller: ControllerProxy,
  context: CliContext,
): Promise<readonly ItemProblem[]> {
  try {
    const { problems } = await verify(document, sealed, controller, context);
    return problems.filter(({ code }) => code !== 'Template');
  } catch (error) {
    // The refusal is what counts.
    if (error instanceof SealedSecretsError) return [];
    throw error;
  }
}

/** The controller refuses it (CVE-2026-22728). */
function claimsWiderScope({ metadata, template }: SealedSecret): boolean {
  return (
    SCOPES.indexOf(scopeOf(template.metadata.annotations)) > SCOPES.indexOf(scopeOf(metadata.annotations))
  );
}

/** The reference leaves out apiVersion and kind. */
function readAnswer(body: Buffer): SealedSecret | undefined {
  const place = { source: 'answer' };
  try {
    const [document] = readDocuments(body, place.source);
    const value = document?.value;
    if (!isObject(value)) return undefined;
    const kind = Object.hasOwn(value, 'kind') ? {} : { kind: 'SealedSecret' };
    return parseSealedSecret({ ...value, ...kind }, place);
  } catch (error) {
    if (error instanceof SealedSecretsError) return undefined;
    throw error;
  }
}

/** Under another label its ciphertexts would be of no use, or of too much (CVE-2026-22728). */
function isSamePlace(answered: SealedSecret, sealed: SealedSecret): boolean {
  const [a, b] = [answered.metadata, sealed.metadata];
  return (
    a.name === b.name && a.namespace === b.namespace && scopeOf(a.annotations) === scopeOf(b.annotations)
  );
}
