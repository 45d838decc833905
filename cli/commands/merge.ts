import { CLUSTER_WIDE, LAST_APPLIED, NAMESPACE_WIDE, SEALING_KEY } from '../../shared/api/annotations.ts';
import {
  isLeftOut,
  itemNames,
  parseSealedSecret,
  type SealedSecret,
} from '../../shared/api/sealed-secret.ts';
import { parseSecret, type Secret } from '../../shared/api/secret.ts';
import type { KnownData } from '../../shared/api/secret-type.ts';
import type { Certificate } from '../../shared/crypto/certificate.ts';
import { fail } from '../errors.ts';
import type { Edit } from '../../shared/manifest/edit.ts';
import { readDocuments } from '../../shared/manifest/read.ts';
import type { Patch } from '../../shared/manifest/splice.ts';
import { hintOf } from '../../shared/seal/hint.ts';
import { refuseV1Data } from '../../shared/seal/re-encrypt.ts';
import { scopeOf } from '../../shared/seal/scope.ts';
import { seal } from '../../shared/seal/seal.ts';
import { certificateSource } from '../sealing/certificate.ts';
import type { CliContext } from '../context.ts';
import { sealedIn, writeEdited } from '../io/edit.ts';
import { warnOfFields } from '../warnings/fields.ts';
import { readFileBytes, readInput } from '../io/input.ts';
import { documentsOfKind } from '../io/kind.ts';
import { checkMergeTarget, targetWarnings, type MergeTarget } from '../sealing/merge-target.ts';
import { warnOfNames } from '../warnings/names.ts';
import { secretSealingOptions, type SecretSealingOptions } from '../flags/options.ts';
import { refusalWarnings } from '../warnings/refused-secret.ts';
import { warnOfSizes } from '../warnings/sizes.ts';
import { defineCommand } from './command.ts';

interface MergeOptions extends SecretSealingOptions {
  readonly command: 'merge-into';
  /** The file to change. */
  readonly file: string;
}

/** `--merge-into`: adds items to a SealedSecret in a file. */
export const mergeInto = defineCommand<MergeOptions>({
  name: 'merge-into',
  options: (flags) => ({
    command: 'merge-into',
    ...secretSealingOptions(flags),
    file: flags.text('merge-into') ?? '',
  }),
  run: merge,
});

/**
 * Seals the items of the input for the name, namespace and scope of an existing SealedSecret, and adds them to its file.
 * Labels and annotations go into its template. Refuses a file that contradicts the input or the flags.
 */
async function merge(options: MergeOptions, context: CliContext): Promise<void> {
  const { file } = options;
  const getCertificate = await certificateSource(options, context);
  const inputs = await readInput(options.secretFile, 'Secret', context);
  const secrets = inputs.map(({ value, place }) => ({ secret: parseSecret(value, place), place }));
  const bytes = await readFileBytes(file);
  const targets = documentsOfKind(readDocuments(bytes, file), file, 'SealedSecret').map(
    (document): MergeTarget => ({ document, sealed: parseSealedSecret(document.value, document.place) }),
  );
  const merges = secrets.map(({ secret, place }) => {
    const target = targetFor(secret, { targets, file }, options);
    refuseV1Data(target.sealed, target.document.place);
    checkMergeTarget(secret, target, options);
    return { secret, place, target };
  });
  const certificate = await getCertificate();
  const edits = merges.map(({ secret, place, target: { document, sealed } }): Edit => {
    const { name, namespace } = sealed.metadata;
    const asTarget = { ...secret, metadata: { ...secret.metadata, name, namespace } };
    const { allowEmptyData } = options;
    const scope = scopeOf(sealed.metadata.annotations);
    const { encryptedData } = seal(asTarget, { certificate, place, scope, allowEmptyData });
    const items = new Map([...encryptedData].map(([item, value]) => [item, value ?? '']));
    const patch = new Map<string, Patch>();
    const spec = specPatch(secret, items);
    if (spec.size > 0) patch.set('spec', spec);
    const hint = items.size > 0 ? keyHint(sealed, certificate, options) : undefined;
    if (hint !== undefined) patch.set('metadata', new Map([['annotations', new Map([[SEALING_KEY, hint]])]]));
    return { place: document.place, patch };
  });
  warnOfFields(inputs, 'Secret', context);
  const warnings = new Set(merges.flatMap(({ secret, target }) => targetWarnings(secret, target, options)));
  for (const warning of warnings) context.warn(warning);
  warnOfNames(
    merges.map(({ secret, target: { document, sealed } }) => {
      return { metadata: sealed.metadata, items: [...secret.data.keys()], place: document.place };
    }),
    context,
  );
  for (const { target, data } of mergedData(merges)) {
    const { document, sealed } = target;
    for (const warning of refusalWarnings(sealed.template.type, data, document.place)) context.warn(warning);
  }
  const edited = await writeEdited({ file, source: file, bytes }, edits, options);
  warnOfSizes(sealedIn(edited, file), { data: true }, context);
}

/** Returns the data of each target's Secret after the merge. The values of items sealed earlier are unknown. */
function mergedData(
  merges: readonly { readonly secret: Secret; readonly target: MergeTarget }[],
): readonly { readonly target: MergeTarget; readonly data: KnownData }[] {
  const merged = new Map<MergeTarget, Map<string, Uint8Array | undefined>>();
  for (const { secret, target } of merges) {
    const before = itemNames(target.sealed).map((item) => [item, undefined] as const);
    const data = merged.get(target) ?? new Map<string, Uint8Array | undefined>(before);
    for (const [item, value] of secret.data) {
      if (!isLeftOut(target.sealed.template, item)) data.set(item, value);
    }
    merged.set(target, data);
  }
  return [...merged].map(([target, data]) => ({ target, data }));
}

/**
 * Returns the only SealedSecret of the file, or the one with the name (and namespace) of the input or the flags. Throws
 * `NoMergeTarget` unless there is exactly one.
 */
function targetFor(
  { metadata }: Secret,
  { targets, file }: { readonly targets: readonly MergeTarget[]; readonly file: string },
  options: MergeOptions,
): MergeTarget {
  const [only] = targets;
  if (only && targets.length === 1) return only;
  const { name = metadata.name, namespace = metadata.namespace } = options;
  const named = targets.filter(({ sealed }) => sealed.metadata.name === name);
  const inNamespace = named.filter(({ sealed }) => sealed.metadata.namespace === namespace);
  const [first, second] = inNamespace.length > 0 ? inNamespace : named;
  if (first && !second) return first;
  return fail({ code: 'NoMergeTarget', at: file, count: targets.length, name });
}

function specPatch({ metadata }: Secret, items: ReadonlyMap<string, string>): ReadonlyMap<string, Patch> {
  const spec = new Map<string, Patch>();
  if (items.size > 0) spec.set('encryptedData', items);
  const annotations = new Map([...metadata.annotations].filter(([name]) => !NOT_MERGED.has(name)));
  const template = new Map<string, Patch>();
  if (metadata.labels.size > 0) template.set('labels', metadata.labels);
  if (annotations.size > 0) template.set('annotations', annotations);
  if (template.size > 0) spec.set('template', new Map([['metadata', template]]));
  return spec;
}

/** Annotations that are not merged: the file's scope counts, and kubectl's last applied configuration holds plaintext. */
const NOT_MERGED: ReadonlySet<string> = new Set([CLUSTER_WIDE, NAMESPACE_WIDE, ...LAST_APPLIED]);

/** Returns the annotation with the keys of old and new items, if the file has one or `--key-hint` is set. */
function keyHint(
  { metadata: { annotations } }: SealedSecret,
  { fingerprint }: Certificate,
  options: MergeOptions,
): string | undefined {
  if (!options.keyHint && !annotations.has(SEALING_KEY)) return undefined;
  return [...new Set([...hintOf(annotations), fingerprint])].join(',');
}
