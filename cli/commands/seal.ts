import { SEALING_KEY } from '../../shared/api/annotations.ts';
import { showPlace, type Place } from '../../shared/api/place.ts';
import type { SealedSecret } from '../../shared/api/sealed-secret.ts';
import { parseSecret, type Secret } from '../../shared/api/secret.ts';
import type { Certificate } from '../../shared/crypto/certificate.ts';
import { fail } from '../errors.ts';
import { sealedSecretJson } from '../../shared/manifest/write.ts';
import type { Scope } from '../../shared/seal/scope.ts';
import { seal as sealSecret } from '../../shared/seal/seal.ts';
import { certificateSource } from '../sealing/certificate.ts';
import type { CliContext } from '../context.ts';
import { warnOfFields } from '../warnings/fields.ts';
import { readInput } from '../io/input.ts';
import { warnOfNames } from '../warnings/names.ts';
import { resolveNamespace, warnOfAssumedNamespace } from '../sealing/namespace.ts';
import { secretSealingOptions, type SecretSealingOptions } from '../flags/options.ts';
import { replacesInput, writeObjects } from '../io/output.ts';
import { refusalWarnings } from '../warnings/refused-secret.ts';
import { effectiveScope } from '../sealing/scope.ts';
import { warnOfSizes } from '../warnings/sizes.ts';
import { defineCommand } from './command.ts';

interface SealOptions extends SecretSealingOptions {
  readonly command: 'seal';
}

/** Without a flag that selects another command: seals Secrets. */
export const seal = defineCommand<SealOptions>({
  name: 'seal',
  options: (flags) => ({ command: 'seal', ...secretSealingOptions(flags) }),
  run: sealInput,
});

interface SealInput {
  readonly secret: Secret;
  readonly scope: Scope;
  readonly place: Place;
}

/** Seals every Secret of the input. Writes nothing if one of them cannot be sealed. */
async function sealInput(options: SealOptions, context: CliContext): Promise<void> {
  const getCertificate = await certificateSource(options, context);
  const documents = await readInput(options.secretFile, 'Secret', context);
  const inputs = documents.map(({ value, place }): SealInput => {
    const secret = parseSecret(value, place);
    return { secret: withName(secret, options), scope: effectiveScope(secret, options), place };
  });
  warnOfFields(documents, 'Secret', context);
  warnOfScopes(inputs, options, context);
  const secrets = await withNamespaces(inputs, options, context);
  for (const { secret, place } of secrets) {
    for (const warning of refusalWarnings(secret.type, secret.data, place)) context.warn(warning);
  }
  const certificate = await getCertificate();
  const sealed = secrets.map(({ secret, scope, place }) => {
    const { allowEmptyData } = options;
    return withKeyHint(
      sealSecret(secret, { certificate, place, scope, allowEmptyData }),
      certificate,
      options,
    );
  });
  warnOfSizes(
    sealed.map((each, index) => ({ sealed: each, place: secrets[index]?.place ?? { source: '' } })),
    { data: false },
    context,
  );
  warnOfNames(
    secrets.map(({ secret: { metadata, data }, place }) => ({ metadata, items: [...data.keys()], place })),
    context,
  );
  const replaces = await replacesInput(options);
  await writeObjects(sealed.map(sealedSecretJson), options, false);
  if (replaces)
    context.warn(`(${options.sealedSecretFile ?? ''}: the SealedSecret replaced the plaintext Secret)`);
}

function withName(secret: Secret, { name }: SealOptions): Secret {
  return name === undefined ? secret : { ...secret, metadata: { ...secret.metadata, name } };
}

function warnOfScopes(secrets: readonly SealInput[], options: SealOptions, context: CliContext): void {
  const wide = secrets.filter(({ scope }) => scope === 'cluster-wide');
  if (wide.length > 0) {
    const who = 'anyone who can create a SealedSecret in any namespace can unseal it there';
    context.warn(`(${placesOf(wide)}: cluster-wide: ${who})`);
  }
  const wider = secrets.filter(({ scope }) => options.scope === 'strict' && scope !== 'strict');
  if (wider.length > 0) {
    context.warn(`(${placesOf(wider)}: --scope strict does not override the scope annotation)`);
  }
}

/**
 * Adds the namespace of the flags or the kubeconfig to every Secret that needs one and has none. Throws
 * `NamespaceMismatch` if a Secret has another namespace than `--namespace`.
 */
async function withNamespaces(
  secrets: readonly SealInput[],
  options: SealOptions,
  context: CliContext,
): Promise<readonly SealInput[]> {
  const bound = secrets.filter(({ scope }) => scope !== 'cluster-wide');
  for (const { secret, place } of bound) {
    const own = secret.metadata.namespace;
    const { namespace } = options;
    if (own !== '' && namespace !== undefined && namespace !== own) {
      fail({ code: 'NamespaceMismatch', at: showPlace(place), own, specified: namespace });
    }
  }
  const without = new Set(bound.filter(({ secret }) => secret.metadata.namespace === ''));
  if (without.size === 0) return secrets;
  const resolved = await resolveNamespace(options, context);
  if (resolved === undefined) return secrets;
  warnOfAssumedNamespace(resolved, placesOf([...without]), context);
  const { namespace } = resolved;
  return secrets.map((each) =>
    without.has(each)
      ? { ...each, secret: { ...each.secret, metadata: { ...each.secret.metadata, namespace } } }
      : each,
  );
}

function placesOf(secrets: readonly SealInput[]): string {
  const [first] = secrets;
  const more = secrets.length - 1;
  return `${first ? showPlace(first.place) : ''}${more > 0 ? ` and ${more} more` : ''}`;
}

/** With `--key-hint`, adds the annotation that names the sealing key. */
function withKeyHint(
  sealed: SealedSecret,
  { fingerprint }: Certificate,
  { keyHint }: SealOptions,
): SealedSecret {
  if (!keyHint) return sealed;
  const annotations = new Map([...sealed.metadata.annotations, [SEALING_KEY, fingerprint]]);
  return { ...sealed, metadata: { ...sealed.metadata, annotations } };
}
