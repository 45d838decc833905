import type { Secret } from '../../shared/api/secret.ts';
import { parseSecret } from '../../shared/api/secret.ts';
import { showPlace, type Place } from '../../shared/api/place.ts';
import { checkValidity } from '../../shared/crypto/certificate.ts';
import { fail } from '../../shared/errors.ts';
import { sealedSecretJson } from '../../shared/manifest/write.ts';
import { scopeOf } from '../../shared/seal/scope.ts';
import { seal } from '../../shared/seal/seal.ts';
import { obtainCertificate } from '../certificate.ts';
import type { Context } from '../context.ts';
import { readInput } from '../input.ts';
import type { Options } from '../options.ts';
import { writeObjects } from '../output.ts';

/** Seals every Secret of the input. Nothing is written when one of them cannot be sealed. */
export async function sealMode(options: Options, context: Context): Promise<void> {
  const documents = await readInput(options.secretFile, 'Secret', context);
  const secrets: { secret: Secret; place: Place }[] = [];
  for (const { value, place } of documents) {
    secrets.push({ secret: await placed(parseSecret(value, place), place, options, context), place });
  }
  const { certificate, from } = await obtainCertificate(options, context);
  checkValidity(certificate, context.clock.now(), from);
  // `strict` is what no flag means: the annotations decide.
  const scope = options.scope === 'strict' ? undefined : options.scope;
  const sealed = secrets.map(({ secret, place }) => seal(secret, certificate, place, { scope }));
  await writeObjects(sealed.map(sealedSecretJson), options, false);
}

/** The Secret under the name and namespace that the flags, its own metadata and the kubeconfig give it. */
async function placed(secret: Secret, place: Place, options: Options, context: Context): Promise<Secret> {
  const name = options.name ?? secret.metadata.name;
  const namespace = await namespaceOf(secret, place, options, context);
  return { ...secret, metadata: { ...secret.metadata, name, namespace } };
}

async function namespaceOf(
  secret: Secret,
  place: Place,
  options: Options,
  context: Context,
): Promise<string> {
  const own = secret.metadata.namespace;
  const scope = scopeOf(secret.metadata.annotations);
  const asked = options.scope === undefined || options.scope === 'strict' ? scope : options.scope;
  if (asked === 'cluster-wide') return own;
  if (own !== '') {
    const given = options.namespace;
    if (given !== undefined && given !== own) {
      fail({ code: 'NamespaceMismatch', at: showPlace(place), own, given });
    }
    return own;
  }
  if (options.namespace !== undefined) return options.namespace;
  const { assumedNamespace } = await import('../namespace.ts');
  const assumed = await assumedNamespace(options, context);
  if (assumed === undefined) return own;
  context.note(
    `(${showPlace(place)}: no namespace: sealing for "${assumed.namespace}", from ${assumed.from})`,
  );
  return assumed.namespace;
}
