import { stat } from 'node:fs/promises';
import { fullName, isName, newMetadata } from '../../shared/api/metadata.ts';
import type { Place } from '../../shared/api/place.ts';
import type { SealedSecret } from '../../shared/api/sealed-secret.ts';
import type { Secret } from '../../shared/api/secret.ts';
import { sealedSecretJson } from '../../shared/manifest/write.ts';
import type { Scope } from '../../shared/seal/scope.ts';
import { seal } from '../../shared/seal/seal.ts';
import type { CliContext } from '../context.ts';
import { openDigestCache } from '../digests/digest-cache.ts';
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
import { isReplaceable, writeObjects } from '../io/output.ts';
import { dockerRegistrySource } from '../new-secrets/docker-registry.ts';
import { genericSource } from '../new-secrets/generic.ts';
import type { SecretSource } from '../new-secrets/source.ts';
import { tlsSource } from '../new-secrets/tls.ts';
import { certificateSource } from '../sealing/certificate.ts';
import { withSealingAnnotations } from '../../shared/input/sealing-annotations.ts';
import { resolveNamespace, warnOfAssumedNamespace } from '../sealing/namespace.ts';
import { clusterWideWarning, effectiveScope, refuseWiderScope } from '../sealing/scope.ts';
import { parseAnnotations, parseLabels } from '../values/labels.ts';
import { warnOfNames } from '../warnings/names.ts';
import { refusalWarnings } from '../warnings/refused-secret.ts';
import { warnOfSizes } from '../warnings/sizes.ts';
import { configured } from '../config/configured.ts';
import { defineCommand } from './command.ts';

interface CreateOptions extends CertificateOptions, FormattedOutputOptions {
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
  run: async (options, context) => {
    const path = options.sealedSecretFile;
    await createSealed(await configured(options, { path, needs: 'certificate' }, context), context);
  },
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

/** Seals the values for the name and namespace, and writes the SealedSecret. The values are in no file. */
async function createSealed(options: CreateOptions, context: CliContext): Promise<void> {
  const { sealedSecretFile: file, source, dryRun } = options;
  const labels = parseLabels(options.labels);
  const annotations = parseAnnotations(options.annotations);
  const getCertificate = await certificateSource(options, context);
  if (file !== undefined && !options.force) await refuseExisting(file);
  // Nobody types a value for nothing.
  if (source.prompts) await getCertificate();
  const data = await source.read(context);
  const place = { source: `${options.kind} ${options.name}` };
  const secret = await inNamespace(
    {
      metadata: newMetadata({ name: options.name, labels, annotations }),
      type: source.type,
      immutable: options.immutable ? true : undefined,
      data,
    },
    { options, place, context },
  );
  refuseWiderScope(effectiveScope(secret, options), options, place);
  for (const warning of refusalWarnings(secret.type, data, place)) context.warn(warning);
  const certificate = await getCertificate();
  const bare = await seal(secret, { certificate, place, scope: effectiveScope(secret, options) });
  const { keyHint, record } = options;
  const sealed = await withSealingAnnotations(bare, { certificate, keyHint, record, place });
  warnOfSizes([{ sealed, place }], { data: false }, context);
  warnOfNames([{ metadata: secret.metadata, items: [], place }], context);
  if (!dryRun || file === undefined)
    await writeObjects([sealedSecretJson(sealed)], withFormat(options), false);
  if (!dryRun && options.keepUnchanged) {
    const cache = await openDigestCache(context);
    remember({ sealed, place }, data, cache);
    await cache.save();
  }
  if (file !== undefined)
    context.warn(`${file}: ${describe(sealed)}${dryRun ? ' (dry run: no file was written)' : ''}`);
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
function withFormat(options: FormattedOutputOptions): FormattedOutputOptions {
  const isJson = /\.json$/i.test(options.sealedSecretFile ?? '');
  return { ...options, format: options.format ?? (isJson ? 'json' : 'yaml') };
}

function describe({ metadata, encryptedData }: SealedSecret): string {
  return `created the SealedSecret ${fullName(metadata)} with ${listed([...encryptedData.keys()])}`;
}
