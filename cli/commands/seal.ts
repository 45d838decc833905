import { fullName } from '../../shared/api/metadata.ts';
import { showPlace, type Place } from '../../shared/api/place.ts';
import type { SealedSecret } from '../../shared/api/sealed-secret.ts';
import { parseSecret, type Secret } from '../../shared/api/secret.ts';
import type { Certificate } from '../../shared/crypto/certificate.ts';
import { fail } from '../errors.ts';
import type { Document } from '../../shared/manifest/read.ts';
import { sealedSecretJson } from '../../shared/manifest/write.ts';
import type { Scope } from '../../shared/seal/scope.ts';
import { seal as sealSecret } from '../../shared/seal/seal.ts';
import { unchangedIfAsked, type UnchangedOptions } from '../digests/options.ts';
import type { ParsedFlags } from '../flags/parsed-flags.ts';
import { usageError } from '../flags/usage-error.ts';
import { counted, visible } from '../../shared/text.ts';
import { certificateSource } from '../sealing/certificate.ts';
import { withSealingAnnotations } from '../../shared/input/sealing-annotations.ts';
import type { CliContext } from '../context.ts';
import { warnOfFields } from '../warnings/fields.ts';
import { readInput } from '../io/input.ts';
import { warnOfNames } from '../warnings/names.ts';
import { resolveNamespace, warnOfAssumedNamespace } from '../sealing/namespace.ts';
import { secretSealingOptions, wordsOf, type SecretSealingOptions } from '../flags/options.ts';
import { formatOf, replacesInput, writeObjects } from '../io/output.ts';
import { refusalWarnings } from '../warnings/refused-secret.ts';
import { clusterWideWarning, effectiveScope, refuseWiderScope } from '../sealing/scope.ts';
import { warnOfSizes } from '../warnings/sizes.ts';
import { configured } from '../config/configured.ts';
import { defineCommand } from './command.ts';

interface SealOptions extends SecretSealingOptions, UnchangedOptions {
  readonly command: 'seal';
  /** The input files, in place of `secretFile`; may be empty. */
  readonly files: readonly string[];
}

/** Without a flag that selects another command: seals Secrets. */
export const seal = defineCommand<SealOptions>({
  name: 'seal',
  options: sealOptions,
  run: async (options, context) => {
    const [input] = options.files;
    const path = options.sealedSecretFile ?? input ?? options.secretFile;
    await sealInput(await configured(options, { path, needs: 'certificate' }, context), context);
  },
});

function sealOptions(flags: ParsedFlags): SealOptions {
  const options = { ...secretSealingOptions(flags), ...unchangedIfAsked(flags) };
  if (options.keepUnchanged && options.sealedSecretFile === undefined)
    usageError('--keep-unchanged requires -w FILE: the file with the ciphertexts to keep');
  return { command: 'seal', ...options, files: wordsOf(flags) };
}

interface SealInput {
  readonly secret: Secret;
  readonly scope: Scope;
  readonly place: Place;
}

/** Seals every Secret of the input into one output. Writes nothing if one of them cannot be sealed. */
async function sealInput(options: SealOptions, context: CliContext): Promise<void> {
  const getCertificate = await certificateSource(options, context);
  const sources = options.files.length > 0 ? options.files : [options.secretFile];
  const documents: Document[] = [];
  for (const source of sources) documents.push(...(await readInput(source, 'Secret', context)));
  const inputs = documents.map(({ value, place }): SealInput => {
    const secret = parseSecret(value, place);
    const scope = effectiveScope(secret, options);
    refuseWiderScope(scope, options, place);
    return { secret: withName(secret, options), scope, place };
  });
  warnOfFields(documents, 'Secret', context);
  warnOfScopes(inputs, options, context);
  const secrets = await withNamespaces(inputs, options, context);
  for (const { secret, place } of secrets) {
    for (const warning of refusalWarnings(secret.type, secret.data, place)) context.warn(warning);
  }
  const certificate = await getCertificate();
  const { allowEmptyData, keyHint, record } = options;
  const sealed: SealedSecret[] = [];
  for (const { secret, scope, place } of secrets) {
    const bare = await sealSecret(secret, { certificate, place, scope, allowEmptyData });
    sealed.push(await withSealingAnnotations(bare, { certificate, keyHint, record, place }));
  }
  warnOfSizes(
    sealed.map((each, index) => ({ sealed: each, place: secrets[index]?.place ?? { source: '' } })),
    { data: false },
    context,
  );
  warnOfNames(
    secrets.map(({ secret: { metadata, data }, place }) => ({ metadata, items: [...data.keys()], place })),
    context,
  );
  const { sealedSecretFile } = options;
  if (options.dryRun) {
    for (const { secret, place } of secrets) context.warn(describeSeal(secret, place, sealedSecretFile));
    return;
  }
  const replaced = await Promise.all(
    sources.map((secretFile) => replacesInput({ secretFile, sealedSecretFile })),
  );
  if (options.keepUnchanged) await writeKeeping(sealed, secrets, { options, context, certificate });
  else await writeObjects(sealed.map(sealedSecretJson), options, false);
  if (replaced.includes(true))
    context.warn(`(${sealedSecretFile ?? ''}: the SealedSecret replaced the plaintext Secret)`);
}

function describeSeal({ metadata, data }: Secret, place: Place, output = '<stdout>'): string {
  return `${showPlace(place)}: ${counted(data.size, 'item')} of ${visible(fullName(metadata))} to seal into ${output}`;
}

interface Writing {
  readonly options: SealOptions;
  readonly context: CliContext;
  readonly certificate: Certificate;
}

/** Writes SealedSecrets with the ciphertexts of the file for the values that did not change. */
async function writeKeeping(
  sealed: readonly SealedSecret[],
  inputs: readonly SealInput[],
  { options, context, certificate }: Writing,
): Promise<void> {
  const [{ openUnchanged }, { keepInFile }] = await Promise.all([
    import('../digests/unchanged.ts'),
    import('../digests/keep-in-file.ts'),
  ]);
  const unchangedItems = await openUnchanged(options, context);
  try {
    const file = options.sealedSecretFile ?? '';
    const data = inputs.map(({ secret }) => secret.data);
    const fresh = sealed.map((each, index) => ({
      sealed: each,
      values: data[index] ?? new Map<string, Uint8Array>(),
    }));
    const { fingerprint } = certificate;
    const target = { file, format: formatOf(options), record: options.record, fingerprint };
    const { objects, isThere } = await keepInFile(fresh, target, unchangedItems);
    if (isThere) context.warn(`${file}: all values are there already; nothing changed`);
    else await writeObjects(objects.map(sealedSecretJson), options, false);
    for (const [index, { secret, place }] of inputs.entries()) {
      const written = objects[index];
      if (written !== undefined) unchangedItems.remember({ sealed: written, place }, secret.data);
    }
    await unchangedItems.save();
  } finally {
    unchangedItems.close();
  }
}

function withName(secret: Secret, { name }: SealOptions): Secret {
  return name === undefined ? secret : { ...secret, metadata: { ...secret.metadata, name } };
}

function warnOfScopes(secrets: readonly SealInput[], options: SealOptions, context: CliContext): void {
  const wide = secrets.filter(({ scope }) => scope === 'cluster-wide');
  if (wide.length > 0) context.warn(clusterWideWarning(placesOf(wide)));
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
