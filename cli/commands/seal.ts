import { fullName } from '../../shared/api/metadata.ts';
import { showPlace, type Place } from '../../shared/api/place.ts';
import type { SealedSecret } from '../../shared/api/sealed-secret.ts';
import { parseSecret, type Secret } from '../../shared/api/secret.ts';
import type { Certificate } from '../../shared/crypto/certificate.ts';
import { fail } from '../errors.ts';
import type { Document } from '../../shared/manifest/read.ts';
import { formatDocuments, sealedSecretJson } from '../../shared/manifest/write.ts';
import type { Scope } from '../../shared/seal/scope.ts';
import { seal as sealSecret } from '../../shared/seal/seal.ts';
import { openDigestCache, type DigestCache } from '../digests/digest-cache.ts';
import { eachTarget } from '../clusters/each-target.ts';
import { checkTo, toOptions, type ToOptions } from '../clusters/options.ts';
import { listed } from '../files/item-changes.ts';
import { certifiedTargets, type CertifiedTarget } from '../clusters/targets.ts';
import { warnOnce } from '../clusters/warn-once.ts';
import { unchangedIfAsked, type UnchangedOptions } from '../digests/options.ts';
import type { ParsedFlags } from '../flags/parsed-flags.ts';
import { usageError } from '../flags/usage-error.ts';
import { counted, visible } from '../../shared/text.ts';
import { withSealingAnnotations } from '../../shared/input/sealing-annotations.ts';
import type { CliContext } from '../context.ts';
import { warnOfFields } from '../warnings/fields.ts';
import { readInput } from '../io/input.ts';
import { warnOfNames } from '../warnings/names.ts';
import { resolveNamespace, warnOfAssumedNamespace } from '../sealing/namespace.ts';
import { secretSealingOptions, wordsOf, type SecretSealingOptions } from '../flags/options.ts';
import { formatOf, replacesInput } from '../io/output.ts';
import { writePlanned, type PlannedFile } from '../io/planned-file.ts';
import type { CertificateToUse } from '../sealing/certificate.ts';
import { refusalWarnings } from '../warnings/refused-secret.ts';
import { clusterWideWarning, effectiveScope, refuseWiderScope } from '../sealing/scope.ts';
import { warnOfSizes } from '../warnings/sizes.ts';
import { defineCommand } from './command.ts';

interface SealOptions extends SecretSealingOptions, UnchangedOptions, ToOptions {
  readonly command: 'seal';
  /** The input files, in place of `secretFile`; may be empty. */
  readonly files: readonly string[];
}

/** Without a flag that selects another command: seals Secrets. */
export const seal = defineCommand<SealOptions>({
  name: 'seal',
  options: sealOptions,
  run: sealInput,
});

function sealOptions(flags: ParsedFlags): SealOptions {
  const options = { ...secretSealingOptions(flags), ...unchangedIfAsked(flags), ...toOptions(flags) };
  checkTo(options, flags, { others: ['sealed-secret-file'] });
  if (options.keepUnchanged && options.sealedSecretFile === undefined && options.split === undefined)
    usageError('--keep-unchanged requires -w FILE: the file with the ciphertexts to keep');
  return { command: 'seal', ...options, files: wordsOf(flags) };
}

interface SealInput {
  readonly secret: Secret;
  readonly scope: Scope;
  readonly place: Place;
}

/**
 * Seals every Secret of the input into one output, or into one for each cluster. Writes nothing if one of them cannot be
 * sealed.
 */
async function sealInput(options: SealOptions, outer: CliContext): Promise<void> {
  const context = warnOnce(outer);
  const { sealedSecretFile: file } = options;
  const path = file ?? options.files[0] ?? options.secretFile;
  const targets = await certifiedTargets(options, { file, path }, context);
  const sources = options.files.length > 0 ? options.files : [options.secretFile];
  const documents: Document[] = [];
  for (const source of sources) documents.push(...(await readInput(source, 'Secret', context)));
  const cache = options.keepUnchanged ? await openDigestCache(context) : undefined;
  const planned = await eachTarget(targets, (target) =>
    sealFor(target, { documents, sources, cache, context }),
  );
  await writePlanned(planned);
}

/** What is the same for all clusters. */
interface SealWork {
  readonly documents: readonly Document[];
  readonly sources: readonly (string | undefined)[];
  /** Undefined without `--keep-unchanged`. */
  readonly cache: DigestCache | undefined;
  readonly context: CliContext;
}

/** Seals the input for one cluster, and writes nothing. */
async function sealFor(
  { cluster, options, file, getCertificate, keys }: CertifiedTarget<SealOptions>,
  { documents, sources, cache, context }: SealWork,
): Promise<PlannedFile> {
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
  const plan = { path: file, text: undefined };
  if (options.dryRun) {
    for (const { secret, place } of secrets) context.warn(describeSeal(secret, place, file));
    return plan;
  }
  const replaced = await Promise.all(
    sources.map((secretFile) => replacesInput({ secretFile, sealedSecretFile: file })),
  );
  const written =
    options.keepUnchanged && file !== undefined
      ? await planKeeping(sealed, secrets, {
          options: { ...options, sealedSecretFile: file },
          file,
          certificate,
          keys,
          cache,
          context,
        })
      : { ...plan, text: textOf(sealed, { ...options, sealedSecretFile: file }) };
  return {
    ...written,
    finish: async () => {
      await written.finish?.();
      if (options.split !== undefined && written.text !== undefined) {
        const names = listed(sealed.map(({ metadata }) => visible(fullName(metadata))));
        context.warn(`${file ?? ''}: sealed ${names} for ${cluster ?? ''}`);
      }
      if (replaced.includes(true))
        context.warn(`(${file ?? ''}: the SealedSecret replaced the plaintext Secret)`);
    },
  };
}

function textOf(sealed: readonly SealedSecret[], options: SealOptions): string {
  return formatDocuments(sealed.map(sealedSecretJson), formatOf(options));
}

function describeSeal({ metadata, data }: Secret, place: Place, output = '<stdout>'): string {
  return `${showPlace(place)}: ${counted(data.size, 'item')} of ${visible(fullName(metadata))} to seal into ${output}`;
}

interface Keeping extends Pick<SealWork, 'cache' | 'context'>, Pick<CertificateToUse, 'keys'> {
  readonly options: SealOptions;
  readonly file: string;
  readonly certificate: Certificate;
}

/** Returns SealedSecrets with the ciphertexts of the file for the values that did not change. */
async function planKeeping(
  sealed: readonly SealedSecret[],
  inputs: readonly SealInput[],
  { options, file, certificate, keys, cache, context }: Keeping,
): Promise<PlannedFile> {
  const [{ openUnchanged }, { keepInFile }] = await Promise.all([
    import('../digests/unchanged.ts'),
    import('../digests/keep-in-file.ts'),
  ]);
  const unchangedItems = await openUnchanged(options, { keys, cache, context });
  try {
    const data = inputs.map(({ secret }) => secret.data);
    const fresh = sealed.map((each, index) => ({
      sealed: each,
      values: data[index] ?? new Map<string, Uint8Array>(),
    }));
    const { objects, isThere, before } = await keepInFile(
      fresh,
      { file, format: formatOf(options), record: options.record, fingerprint: certificate.fingerprint },
      unchangedItems,
    );
    return {
      path: file,
      text: isThere ? undefined : textOf(objects, options),
      ...(before === undefined ? {} : { before }),
      finish: async () => {
        if (isThere) context.warn(`${file}: all values are there already; nothing changed`);
        for (const [index, { secret, place }] of inputs.entries()) {
          const written = objects[index];
          if (written !== undefined) unchangedItems.remember({ sealed: written, place }, secret.data);
        }
        await unchangedItems.save();
      },
    };
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
