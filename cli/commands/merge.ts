import { CLUSTER_WIDE, LAST_APPLIED, NAMESPACE_WIDE } from '../../shared/api/annotations.ts';
import {
  isLeftOut,
  itemNames,
  parseSealedSecret,
  type SealedSecret,
} from '../../shared/api/sealed-secret.ts';
import { showPlace } from '../../shared/api/place.ts';
import { parseSecret, type Secret } from '../../shared/api/secret.ts';
import type { KnownData } from '../../shared/api/secret-type.ts';
import type { Certificate } from '../../shared/crypto/certificate.ts';
import { fail } from '../errors.ts';
import type { SealedDocument } from '../../shared/input/sealed-document.ts';
import type { Edit } from '../../shared/manifest/edit.ts';
import { readDocuments } from '../../shared/manifest/read.ts';
import type { Patch } from '../../shared/manifest/splice.ts';
import { sealingPatch } from '../../shared/input/sealing-annotations.ts';
import { refuseV1Data } from '../../shared/seal/v1-data.ts';
import { scopeOf } from '../../shared/seal/scope.ts';
import { seal } from '../../shared/seal/seal.ts';
import { certificateSource, type CertificateToUse } from '../sealing/certificate.ts';
import type { CliContext } from '../context.ts';
import { describeChanges } from '../files/item-changes.ts';
import { sealedIn, writeEdited } from '../io/edit.ts';
import { warnOfFields } from '../warnings/fields.ts';
import { readFileBytes, readInput } from '../io/input.ts';
import { documentsOfKind } from '../io/kind.ts';
import { checkMergeTarget, targetWarnings } from '../sealing/merge-target.ts';
import { warnOfNames } from '../warnings/names.ts';
import { secretSealingOptions, type SecretSealingOptions } from '../flags/options.ts';
import { refusalWarnings } from '../warnings/refused-secret.ts';
import { warnOfSizes } from '../warnings/sizes.ts';
import { unchangedIfAsked, type UnchangedOptions } from '../digests/options.ts';
import type { UnchangedItems } from '../digests/unchanged.ts';
import { configured } from '../config/configured.ts';
import { refuseWiderScope } from '../sealing/scope.ts';
import { defineCommand } from './command.ts';

interface MergeOptions extends SecretSealingOptions, UnchangedOptions {
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
    ...unchangedIfAsked(flags),
    file: flags.text('merge-into') ?? '',
  }),
  run: async (options, context) => {
    const path = options.sealedSecretFile ?? options.file;
    await merge(await configured(options, { path, needs: 'certificate' }, context), context);
  },
});

/**
 * Seals the items of the input for the name, namespace and scope of an existing SealedSecret, and adds them to its file.
 * Labels and annotations go into its template. Refuses a file that contradicts the input or the flags.
 */
async function merge(options: MergeOptions, context: CliContext): Promise<void> {
  const source = await certificateSource(options, context);
  if (!options.keepUnchanged) return mergeInput(options, { source, context });
  const { openUnchanged } = await import('../digests/unchanged.ts');
  const unchangedItems = await openUnchanged(options, { keys: source.keys, context });
  try {
    await mergeInput(options, { source, context, unchangedItems });
  } finally {
    unchangedItems.close();
  }
}

interface MergeWork {
  readonly source: CertificateToUse;
  readonly context: CliContext;
  /** Undefined without `--keep-unchanged`. */
  readonly unchangedItems?: UnchangedItems;
}

async function mergeInput(
  options: MergeOptions,
  { source, context, unchangedItems }: MergeWork,
): Promise<void> {
  const { file } = options;
  const inputs = await readInput(options.secretFile, 'Secret', context);
  const secrets = inputs.map(({ value, place }) => ({ secret: parseSecret(value, place), place }));
  const bytes = await readFileBytes(file);
  const targets = documentsOfKind(readDocuments(bytes, file), file, 'SealedSecret').map(
    (document): SealedDocument => ({ document, sealed: parseSealedSecret(document.value, document.place) }),
  );
  const merges = secrets.map(({ secret, place }) => {
    const target = targetFor(secret, { targets, file }, options);
    refuseV1Data(target.sealed, target.document.place);
    checkMergeTarget(secret, target, options);
    refuseWiderScope(scopeOf(target.sealed.metadata.annotations), options, target.document.place);
    return { secret, place, target };
  });
  const unchanged = await unchangedIn(merges, unchangedItems);
  const certificate = await source.getCertificate();
  const sealedItems = new Map<SealedDocument, ReadonlyMap<string, string>>();
  const edits: Edit[] = [];
  for (const { secret, place, target } of merges) {
    const { document, sealed } = target;
    const { name, namespace } = sealed.metadata;
    const asTarget = { ...secret, metadata: { ...secret.metadata, name, namespace } };
    const { allowEmptyData } = options;
    const scope = scopeOf(sealed.metadata.annotations);
    const { encryptedData } = await seal(asTarget, { certificate, place, scope, allowEmptyData });
    const kept = unchanged.get(secret);
    const items = new Map(
      [...encryptedData].filter(([item]) => !kept?.has(item)).map(([item, value]) => [item, value ?? '']),
    );
    sealedItems.set(target, new Map([...(sealedItems.get(target) ?? []), ...items]));
    const spec = specPatch(secret, sealed, items);
    edits.push({
      place: document.place,
      patch: new Map<string, Patch>(spec.size > 0 ? [['spec', spec]] : []),
    });
  }
  edits.push(...(await annotationEdits(sealedItems, certificate, options)));
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
  if (options.dryRun) {
    for (const each of merges) context.warn(describeMerge(each, unchanged.get(each.secret)));
    return;
  }
  const edited = await writeEdited({ file, source: file, bytes }, edits, options);
  warnOfSizes(sealedIn(edited, file), { data: true }, context);
  if (unchangedItems === undefined) return;
  if (bytes.equals(Buffer.from(edited)))
    context.warn(`${file}: all values are there already; nothing changed`);
  for (const [target, values] of valuesOf(merges)) {
    const sealed = { ...target.sealed, encryptedData: itemsAfter(target, sealedItems.get(target)) };
    unchangedItems.remember({ sealed, place: target.document.place }, values);
  }
  await unchangedItems.save();
}

/** Returns the edits that set the hints at keys and the sealing records of the targets whose items change. */
async function annotationEdits(
  sealedItems: ReadonlyMap<SealedDocument, ReadonlyMap<string, string>>,
  certificate: Certificate,
  { keyHint, record }: MergeOptions,
): Promise<readonly Edit[]> {
  const edits: Edit[] = [];
  for (const [target, items] of sealedItems) {
    if (items.size === 0) continue;
    const { place } = target.document;
    const encryptedData = itemsAfter(target, items);
    const change = { certificate, sealedItems: items, encryptedData, keyHint, record, place };
    const annotations = await sealingPatch(target.sealed, change);
    if (annotations !== undefined) edits.push({ place, patch: new Map([['metadata', annotations]]) });
  }
  return edits;
}

/** Returns the items of a target after new ones are added. */
function itemsAfter(
  { sealed }: SealedDocument,
  items: ReadonlyMap<string, string> = new Map(),
): SealedSecret['encryptedData'] {
  return new Map([...sealed.encryptedData, ...items]);
}

interface Merge {
  readonly secret: Secret;
  readonly target: SealedDocument;
}

/** Returns the items of each Secret that have their value already, and that no other Secret of the input sets. */
async function unchangedIn(
  merges: readonly Merge[],
  unchangedItems: UnchangedItems | undefined,
): Promise<ReadonlyMap<Secret, ReadonlySet<string>>> {
  const kept = new Map<Secret, ReadonlySet<string>>();
  if (unchangedItems === undefined) return kept;
  for (const { secret, target } of merges) {
    const { sealed, document } = target;
    const others = merges.filter((each) => each.target === target && each.secret !== secret);
    const values = [...secret.data].filter(([item]) => !others.some((other) => other.secret.data.has(item)));
    kept.set(secret, await unchangedItems.find({ sealed, place: document.place }, new Map(values)));
  }
  return kept;
}

/** Returns the values that the input sets in each target; the last one wins. */
function valuesOf(merges: readonly Merge[]): ReadonlyMap<SealedDocument, ReadonlyMap<string, Uint8Array>> {
  const values = new Map<SealedDocument, ReadonlyMap<string, Uint8Array>>();
  for (const { secret, target } of merges)
    values.set(target, new Map([...(values.get(target) ?? []), ...secret.data]));
  return values;
}

/** Returns a line about what a dry run would change in a SealedSecret. `kept` has the items that have their value already. */
function describeMerge({ secret, target }: Merge, kept: ReadonlySet<string> = new Set()): string {
  const { document, sealed } = target;
  const names = [...secret.data.keys()];
  const there = names.filter((item) => sealed.encryptedData.has(item));
  const changes = {
    replaced: there.filter((item) => !kept.has(item)),
    added: names.filter((item) => !sealed.encryptedData.has(item)),
    unchanged: there.filter((item) => kept.has(item)),
    untouched: sealed.encryptedData.size - there.length,
  };
  return describeChanges(changes, { source: showPlace(document.place), dryRun: true });
}

/** Returns the data of each target's Secret after the merge. The values of items sealed earlier are unknown. */
function mergedData(
  merges: readonly Merge[],
): readonly { readonly target: SealedDocument; readonly data: KnownData }[] {
  const merged = new Map<SealedDocument, Map<string, Uint8Array | undefined>>();
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
  { targets, file }: { readonly targets: readonly SealedDocument[]; readonly file: string },
  options: MergeOptions,
): SealedDocument {
  const [only] = targets;
  if (only && targets.length === 1) return only;
  const { name = metadata.name, namespace = metadata.namespace } = options;
  const named = targets.filter(({ sealed }) => sealed.metadata.name === name);
  const inNamespace = named.filter(({ sealed }) => sealed.metadata.namespace === namespace);
  const [first, second] = inNamespace.length > 0 ? inNamespace : named;
  if (first && !second) return first;
  return fail({ code: 'NoMergeTarget', at: file, count: targets.length, name });
}

function specPatch(
  { metadata }: Secret,
  { template: before }: SealedSecret,
  items: ReadonlyMap<string, string>,
): ReadonlyMap<string, Patch> {
  const spec = new Map<string, Patch>();
  if (items.size > 0) spec.set('encryptedData', items);
  const annotations = changed(
    new Map([...metadata.annotations].filter(([name]) => !NOT_MERGED.has(name))),
    before.metadata.annotations,
  );
  const labels = changed(metadata.labels, before.metadata.labels);
  const template = new Map<string, Patch>();
  if (labels.size > 0) template.set('labels', labels);
  if (annotations.size > 0) template.set('annotations', annotations);
  if (template.size > 0) spec.set('template', new Map([['metadata', template]]));
  return spec;
}

/** Returns the entries that another map lacks or that differ there: setting the same text could change its quotes. */
function changed(
  wanted: ReadonlyMap<string, string>,
  before: ReadonlyMap<string, string>,
): ReadonlyMap<string, string> {
  return new Map([...wanted].filter(([name, value]) => before.get(name) !== value));
}

/** Annotations that are not merged: the file's scope counts, and kubectl's last applied configuration holds plaintext. */
const NOT_MERGED: ReadonlySet<string> = new Set([CLUSTER_WIDE, NAMESPACE_WIDE, ...LAST_APPLIED]);
