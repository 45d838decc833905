import { stat } from 'node:fs/promises';
import { fullName, isName, newMetadata } from '../../shared/api/metadata.ts';
import type { Place } from '../../shared/api/place.ts';
import type { SealedSecret } from '../../shared/api/sealed-secret.ts';
import type { Secret } from '../../shared/api/secret.ts';
import { formatDocuments, sealedSecretJson } from '../../shared/manifest/write.ts';
import type { Scope } from '../../shared/seal/scope.ts';
import { seal } from '../../shared/seal/seal.ts';
import type { CliContext } from '../context.ts';
import { eachTarget } from '../clusters/each-target.ts';
import { checkTo, toOptions, type ToOptions } from '../clusters/options.ts';
import { certifiedTargets, type CertifiedTarget } from '../clusters/targets.ts';
import { warnOnce } from '../clusters/warn-once.ts';
import { openDigestCache, type DigestCache } from '../digests/digest-cache.ts';
import { remember } from '../digests/unchanged.ts';
import { fail } from '../errors.ts';
import { listed } from '../files/item-changes.ts';
import {
  certificateOptions,
  choosesCluster,
  withoutTypedServer,
  formattedOutputOptions,
  scopeOption,
  type CertificateOptions,
  type FormattedOutputOptions,
} from '../flags/options.ts';
import type { ParsedFlags } from '../flags/parsed-flags.ts';
import { SECRET_KINDS, type SecretKind } from '../flags/secret-kinds.ts';
import { usageError } from '../flags/usage-error.ts';
import { formatOf, isReplaceable } from '../io/output.ts';
import { writePlanned, type PlannedFile } from '../io/planned-file.ts';
import { dockerRegistrySource } from '../new-secrets/docker-registry.ts';
import { genericSource } from '../new-secrets/generic.ts';
import type { SecretSource } from '../new-secrets/source.ts';
import { tlsSource } from '../new-secrets/tls.ts';
import { withSealingAnnotations } from '../../shared/input/sealing-annotations.ts';
import { resolveNamespace, warnOfAssumedNamespace } from '../sealing/namespace.ts';
import { clusterWideWarning, effectiveScope, refuseWiderScope } from '../sealing/scope.ts';
import { parseAnnotations, parseLabels } from '../values/labels.ts';
import { warnOfNames } from '../warnings/names.ts';
import { refusalWarnings } from '../warnings/refused-secret.ts';
import { warnOfSizes } from '../warnings/sizes.ts';
import { defineCommand } from './command.ts';

interface CreateOptions extends CertificateOptions, FormattedOutputOptions, ToOptions {
  readonly command: 'create';
  readonly kind: SecretKind;
  readonly name: string;
  readonly namespace: string | undefined;
  readonly scope: Scope | undefined;
  readonly source: SecretSource;
  readonly labels: readonly string[];
  readonly annotations: readonly string[];
  readonly immutable: boolean;
  readonly keyHint: boolean;
  /** Whether to write a sealing record. */
  readonly record: boolean | undefined;
  /** Whether to remember the digests of the values. */
  readonly keepUnchanged: boolean;
  /** Whether to replace an existing file. */
  readonly force: boolean;
  readonly dryRun: boolean;
}

/** `create KIND NAME`: makes a SealedSecret of values, without a Secret in a file. */
export const create = defineCommand<CreateOptions>({
  name: 'create',
  options: createOptions,
  run: createSealed,
});

/** The flags of one kind of Secret alone. */
const OWN_FLAGS = {
  generic: ['from-literal', 'from-file', 'from-env-file', 'prompt', 'type'],
  'docker-registry': [
    ...(['email', 'password-stdin', 'password-file'] as const),
    ...(['docker-server', 'docker-username', 'docker-password', 'docker-email'] as const),
  ],
  tls: ['tls-cert', 'tls-key'],
} as const satisfies Readonly<Record<SecretKind, readonly string[]>>;

function createOptions(flags: ParsedFlags): CreateOptions {
  const sources = {
    generic: genericSource(flags),
    'docker-registry': dockerRegistrySource(flags),
    tls: tlsSource(flags),
  };
  const shared = {
    ...certificateOptions(flags),
    ...formattedOutputOptions(flags),
    ...toOptions(flags),
    namespace: flags.text('namespace'),
    scope: scopeOption(flags),
    labels: flags.list('label'),
    annotations: flags.list('annotation'),
    immutable: flags.on('immutable'),
    keyHint: flags.switchOf('key-hint') ?? true,
    record: flags.switchOf('record'),
    keepUnchanged: flags.switchOf('keep-unchanged') ?? true,
    force: flags.on('force'),
    dryRun: flags.on('dry-run'),
  };
  const [word, name] = flags.words;
  const kind =
    SECRET_KINDS.find((each) => each === word) ??
    usageError(
      `create: specify what to create: ${SECRET_KINDS.join(', ')}; as in kubeseal create generic NAME`,
    );
  checkTo(shared, flags, { others: ['sealed-secret-file'], hasServer: kind === 'docker-registry' });
  for (const other of SECRET_KINDS) {
    const wrong = other === kind ? undefined : OWN_FLAGS[other].find((flag) => flags.typed(flag));
    if (wrong !== undefined)
      usageError(`create ${kind} does not take --${wrong}, which is for create ${other}`);
  }
  if (name === undefined) return usageError(`create ${kind}: specify a name: kubeseal create ${kind} NAME`);
  if (!isName(name))
    usageError(
      `create ${kind}: no Secret can have this name: only lower-case letters, digits, "-" and "." are allowed`,
    );
  const own =
    kind === 'docker-registry'
      ? {
          cluster: withoutTypedServer(flags, shared.cluster),
          choosesCluster: choosesCluster(flags, { isServerOther: true }),
        }
      : {};
  return { command: 'create', ...shared, ...own, kind, name, source: sources[kind] };
}

/**
 * Seals the values for the name and namespace, and writes the SealedSecret, or one for each cluster. The values are in no
 * file.
 */
async function createSealed(options: CreateOptions, outer: CliContext): Promise<void> {
  const context = warnOnce(outer);
  const { source } = options;
  const labels = parseLabels(options.labels);
  const annotations = parseAnnotations(options.annotations);
  const { sealedSecretFile: path } = options;
  const targets = await certifiedTargets(options, { file: path, path }, context);
  await eachTarget(targets, async ({ file }) => {
    if (file !== undefined && !options.force) await refuseExisting(file);
  });
  // Nobody types a value for nothing.
  if (source.prompts) await eachTarget(targets, ({ getCertificate }) => getCertificate());
  const data = await source.read(context);
  const secret: Secret = {
    metadata: newMetadata({ name: options.name, labels, annotations }),
    type: source.type,
    immutable: options.immutable ? true : undefined,
    data,
  };
  const cache = !options.dryRun && options.keepUnchanged ? await openDigestCache(context) : undefined;
  await writePlanned(await eachTarget(targets, (target) => createFor(target, secret, { cache, context })));
}

/** Seals the values for one cluster, and writes nothing. */
async function createFor(
  { options, file, getCertificate }: CertifiedTarget<CreateOptions>,
  bare: Secret,
  { cache, context }: { readonly cache: DigestCache | undefined; readonly context: CliContext },
): Promise<PlannedFile> {
  const { dryRun } = options;
  const place = { source: `${options.kind} ${options.name}` };
  const secret = await inNamespace(bare, { options, place, context });
  refuseWiderScope(effectiveScope(secret, options), options, place);
  for (const warning of refusalWarnings(secret.type, secret.data, place)) context.warn(warning);
  const certificate = await getCertificate();
  const plain = await seal(secret, { certificate, place, scope: effectiveScope(secret, options) });
  const { keyHint, record } = options;
  const sealed = await withSealingAnnotations(plain, { certificate, keyHint, record, place });
  warnOfSizes([{ sealed, place }], { data: false }, context);
  warnOfNames([{ metadata: secret.metadata, items: [], place }], context);
  const text = formatDocuments([sealedSecretJson(sealed)], formatOf(withFormat(options, file)));
  return {
    path: file,
    text: dryRun && file !== undefined ? undefined : text,
    finish: async () => {
      if (cache !== undefined) {
        remember({ sealed, place }, secret.data, cache);
        await cache.save();
      }
      if (file !== undefined)
        context.warn(`${file}: ${describe(sealed)}${dryRun ? ' (dry run: no file was written)' : ''}`);
    },
  };
}

/** Returns the Secret with its namespace. Warns of a wide scope and of an assumed namespace. */
async function inNamespace(
  secret: Secret,
  {
    options,
    place,
    context,
  }: { readonly options: CreateOptions; readonly place: Place; readonly context: CliContext },
): Promise<Secret> {
  const { source } = place;
  if (effectiveScope(secret, options) === 'cluster-wide') {
    context.warn(clusterWideWarning(source));
    return { ...secret, metadata: { ...secret.metadata, namespace: options.namespace ?? '' } };
  }
  const resolved = await resolveNamespace(options, context);
  if (resolved === undefined) return secret;
  warnOfAssumedNamespace(resolved, source, context);
  return { ...secret, metadata: { ...secret.metadata, namespace: resolved.namespace } };
}

/** Throws `FileExists`. Pipes and devices are written to as they are. */
async function refuseExisting(path: string): Promise<void> {
  if (!(await isReplaceable(path))) return;
  const found = await stat(path).catch(() => undefined);
  if (found !== undefined) fail({ code: 'FileExists', path });
}

/** YAML, unless the name of the file or `-o` says something else. */
function withFormat({ format }: FormattedOutputOptions, file: string | undefined): FormattedOutputOptions {
  const isJson = /\.json$/i.test(file ?? '');
  return { sealedSecretFile: file, format: format ?? (isJson ? 'json' : 'yaml') };
}

function describe({ metadata, encryptedData }: SealedSecret): string {
  return `created the SealedSecret ${fullName(metadata)} with ${listed([...encryptedData.keys()])}`;
}
