import { showPlace } from '../../shared/api/place.ts';
import { parseSealedSecret, type SealedSecret } from '../../shared/api/sealed-secret.ts';
import { isObject } from '../../shared/api/reader.ts';
import { controllerCertificate, refusalOf } from './controller-proxy.ts';
import { parseCertificate } from '../../shared/crypto/parse-certificate.ts';
import type { Certificate } from '../../shared/crypto/certificate.ts';
import { SealedSecretsError } from '../../shared/errors.ts';
import { fail } from '../errors.ts';
import type { ItemProblem } from '../../shared/seal/item-problem.ts';
import { readDocuments, type Document } from '../../shared/manifest/read.ts';
import { SCOPES, scopeOf } from '../../shared/seal/scope.ts';
import { CERTIFICATE_LIMITS } from '../certificate-limits.ts';
import type { CliContext } from '../context.ts';
import type { ControllerOptions } from '../flags/options.ts';
import type { ReEncrypter } from '../re-encrypter.ts';
import { knownSealedWith } from '../../shared/seal/known-key.ts';
import { ControllerAccess, findControllerFor } from './client.ts';
import { verify } from './verify.ts';

/** Re-encrypts with the controller's `POST /v1/rotate`, which uses its keys and its newest certificate. */
export async function controllerReEncrypter(
  options: ControllerOptions,
  context: CliContext,
): Promise<ReEncrypter> {
  const controller = new ControllerAccess(await findControllerFor(options, context), context.clock);
  let certificate: Promise<Certificate> | undefined;
  const newest = (): Promise<Certificate> => (certificate ??= certificateOf(controller));
  const isNewest = async (sealed: SealedSecret): Promise<boolean> =>
    sealed.encryptedData.size === 0 || knownSealedWith(await newest())(sealed);
  return {
    reEncrypt: (sealed, document) => rotate(sealed, document, controller),
    reEncryptOld: async (sealed, document) =>
      (await isNewest(sealed)) ? new Map() : rotate(sealed, document, controller),
    fingerprint: async () => (await newest()).fingerprint,
    close: () => controller.close(),
  };
}

async function certificateOf({ controller }: ControllerAccess): Promise<Certificate> {
  const text = await controllerCertificate(controller, CERTIFICATE_LIMITS);
  return parseCertificate(text, 'the certificate of the controller');
}

/** Takes only the ciphertexts of the items that were sent from the response. */
async function rotate(
  sealed: SealedSecret,
  document: Document,
  controller: ControllerAccess,
): Promise<ReadonlyMap<string, string>> {
  const { value, place } = document;
  const request = { method: 'POST', path: '/v1/rotate', body: JSON.stringify(value) } as const;
  const response = await controller.request(request);
  const at = showPlace(place);
  const { name } = sealed.metadata;
  const refuse = (reason: string): never => fail({ code: 'RotateRefused', at, name, reason });
  if (response.status === 409) {
    if (claimsWiderScope(sealed)) refuse('spec.template.metadata has a wider scope than metadata');
    fail({ code: 'NotVerified', at, name, problems: await problemsOf(sealed, document, controller) });
  }
  if (response.status !== 200) refuse(refusalOf(response));
  const rotated = parseResponse(response.body) ?? refuse('the response is not a SealedSecret');
  if (!hasSameLabel(rotated, sealed)) refuse('the response is sealed for another name, namespace or scope');
  const items = [...sealed.encryptedData.keys()].map((item): [string, string] => {
    const ciphertext = rotated.encryptedData.get(item);
    return [item, ciphertext ?? refuse('the response lacks an item')];
  });
  return new Map(items);
}

/**
 * Returns why the controller cannot open a refused object, as `--validate` reports it: the refusal itself has no reason.
 * Empty if the controller does not say. A template that does not parse is no reason, since re-encrypting leaves
 * templates as they are.
 */
async function problemsOf(
  sealed: SealedSecret,
  document: Document,
  controller: ControllerAccess,
): Promise<readonly ItemProblem[]> {
  try {
    const { problems } = await verify(document, sealed, controller);
    return problems.filter(({ code }) => code !== 'Template');
  } catch (error) {
    // The caller reports the refusal, with or without a reason.
    if (error instanceof SealedSecretsError) return [];
    throw error;
  }
}

/** Whether the template has a wider scope than the object, which the controller refuses (CVE-2026-22728). */
function claimsWiderScope({ metadata, template }: SealedSecret): boolean {
  return (
    SCOPES.indexOf(scopeOf(template.metadata.annotations)) > SCOPES.indexOf(scopeOf(metadata.annotations))
  );
}

/** Returns undefined if the response is not a SealedSecret. The reference leaves out apiVersion and kind. */
function parseResponse(body: Buffer): SealedSecret | undefined {
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

/** Whether two objects have the same label. With another one, ciphertexts open nowhere or too widely (CVE-2026-22728). */
function hasSameLabel(one: SealedSecret, other: SealedSecret): boolean {
  const [a, b] = [one.metadata, other.metadata];
  return (
    a.name === b.name && a.namespace === b.namespace && scopeOf(a.annotations) === scopeOf(b.annotations)
  );
}
