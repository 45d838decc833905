import { SEALING_KEY } from '../../shared/api/annotations.ts';
import { showPlace, type Place } from '../../shared/api/place.ts';
import type { SealedSecret } from '../../shared/api/sealed-secret.ts';
import { parseSecret, type Secret } from '../../shared/api/secret.ts';
import type { Certificate } from '../../shared/crypto/certificate.ts';
import { fail } from '../../shared/errors.ts';
import { sealedSecretJson } from '../../shared/manifest/write.ts';
import type { Scope } from '../../shared/seal/scope.ts';
import { seal } from '../../shared/seal/seal.ts';
import { certificateSource } from '../certificate.ts';
import type { CliContext } from '../context.ts';
import { warnOfFields } from '../warnings/fields.ts';
import { readInput } from '../io/input.ts';
import { warnOfNames } from '../warnings/names.ts';
import { assumedNamespace, noteAssumed } from '../namespace.ts';
import type { Options } from '../flags/options.ts';
import { replacesInput, writeObjects } from '../io/output.ts';
import { refusalWarnings } from '../warnings/refused-secret.ts';
import { effectiveScope } from '../scope.ts';
import { warnOfSizes } from '../warnings/sizes.ts';

interface ToSeal {
  readonly secret: Secret;
  readonly scope: Scope;
  readonly place: Place;
}

/** Seals every Secret of the input. Nothing is written when one of them cannot be sealed. */
export async function sealMode(options: Options, context: CliContext): Promise<void> {
  const certificateToUse = await certificateSource(options, context);
  const documents = await readInput(options.secretFile, 'Secret', context);
  const read = documents.map(({ value, place }): ToSeal => {
    const secret = parseSecret(value, place);
    return { secret: named(secret, options), scope: effectiveScope(secret, options), place };
  });
  warnOfFields(documents, 'Secret', context);
  noteScopes(read, options, context);
  const secrets = await withNamespaces(read, options, context);
  for (const { secret, place } of secrets) {
    for (const warning of refusalWarnings(secret.type, secret.data, place)) context.warn(warning);
  }
  const certificate = await certificateToUse();
  const sealed = secrets.map(({ secret, scope, place }) => {
    const { allowEmptyData } = options;
    return hinted(seal(secret, certificate, place, { scope, allowEmptyData }), certificate, options);
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

function named(secret: Secret, { name }: Options): Secret {
  return name === undefined ? secret : { ...secret, metadata: { ...secret.metadata, name } };
}

function noteScopes(secrets: readonly ToSeal[], options: Options, context: CliContext): void {
  const wide = secrets.filter(({ scope }) => scope === 'cluster-wide');
  if (wide.length > 0) {
    const who = 'whoever may create SealedSecrets in any one namespace can have it unsealed there';
    context.warn(`(${placesOf(wide)}: cluster-wide: ${who})`);
  }
  const overruled = secrets.filter(({ scope }) => options.scope === 'strict' && scope !== 'strict');
  if (overruled.length > 0) {
    context.warn(
      `(${placesOf(overruled)}: an annotation says another scope, which --scope strict does not overrule)`,
    );
  }
}

/** Every Secret that needs a namespace gets one: its own, else the one that flags and kubeconfig give. */
async function withNamespaces(
  secrets: readonly ToSeal[],
  options: Options,
  context: CliContext,
): Promise<readonly ToSeal[]> {
  const bound = secrets.filter(({ scope }) => scope !== 'cluster-wide');
  for (const { secret, place } of bound) {
    const own = secret.metadata.namespace;
    const given = options.namespace;
    if (own !== '' && given !== undefined && given !== own) {
      fail({ code: 'NamespaceMismatch', at: showPlace(place), own, given });
    }
  }
  const without = new Set(bound.filter(({ secret }) => secret.metadata.namespace === ''));
  if (without.size === 0) return secrets;
  const assumed = await assumedNamespace(options, context);
  if (assumed === undefined) return secrets;
  noteAssumed(assumed, placesOf([...without]), context);
  const { namespace } = assumed;
  return secrets.map((each) =>
    without.has(each)
      ? { ...each, secret: { ...each.secret, metadata: { ...each.secret.metadata, namespace } } }
      : each,
  );
}

function placesOf(secrets: readonly ToSeal[]): string {
  const [first] = secrets;
  const more = secrets.length - 1;
  return `${first ? showPlace(first.place) : ''}${more > 0 ? ` and ${more} more` : ''}`;
}

/** With `--key-hint`, the object says which key it was sealed with. */
function hinted(sealed: SealedSecret, { fingerprint }: Certificate, { keyHint }: Options): SealedSecret {
  if (!keyHint) return sealed;
  const annotations = new Map([...sealed.metadata.annotations, [SEALING_KEY, fingerprint]]);
  return { ...sealed, metadata: { ...sealed.metadata, annotations } };
}
