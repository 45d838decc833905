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
import { fail } from '../../shared/errors.ts';
import type { Edit } from '../../shared/manifest/edit.ts';
import { readDocuments } from '../../shared/manifest/read.ts';
import type { Patch } from '../../shared/manifest/splice.ts';
import { hintOf } from '../../shared/seal/hint.ts';
import { refuseV1Data } from '../../shared/seal/re-encrypt.ts';
import { scopeOf } from '../../shared/seal/scope.ts';
import { seal } from '../../shared/seal/seal.ts';
import { certificateSource } from '../certificate.ts';
import type { CliContext } from '../context.ts';
import { sealedIn, writeEdited } from '../io/edit.ts';
import { warnOfFields } from '../warnings/fields.ts';
import { readFileBytes, readInput } from '../io/input.ts';
import { documentsOfKind } from '../kind.ts';
import { checkTarget, notesOn, type MergeTarget } from '../merge-checks.ts';
import { warnOfNames } from '../warnings/names.ts';
import type { Options } from '../flags/options.ts';
import { refusalWarnings } from '../warnings/refused-secret.ts';
import { warnOfSizes } from '../warnings/sizes.ts';

/**
 * Seals the input's items under the name, namespace and scope of a SealedSecret that is there, and puts them into
 * its file. Labels and annotations go into its template. Refuses a file that says otherwise than input and flags.
 */
export async function mergeMode(options: Options, context: CliContext): Promise<void> {
  const file = options.mergeInto ?? fail({ code: 'Usage', problem: '--merge-into needs a file' });
  const certificateToUse = await certificateSource(options, context);
  const inputs = await readInput(options.secretFile, 'Secret', context);
  const secrets = inputs.map(({ value, place }) => ({ secret: parseSecret(value, place), place }));
  const bytes = await readFileBytes(file);
  const targets = documentsOfKind(readDocuments(bytes, file), file, 'SealedSecret').map(
    (document): MergeTarget => ({ document, sealed: parseSealedSecret(document.value, document.place) }),
  );
  const chosen = secrets.map(({ secret, place }) => {
    const target = targetFor(secret, targets, file, options);
    refuseV1Data(target.sealed, target.document.place);
    checkTarget(secret, target, options);
    return { secret, place, target };
  });
  const certificate = await certificateToUse();
  const edits = chosen.map(({ secret, place, target: { document, sealed } }): Edit => {
    const { name, namespace } = sealed.metadata;
    const asTarget = { ...secret, metadata: { ...secret.metadata, name, namespace } };
    const { allowEmptyData } = options;
    const scope = scopeOf(sealed.metadata.annotations);
    const { encryptedData } = seal(asTarget, certificate, place, { scope, allowEmptyData });
    const items = new Map([...encryptedData].map(([item, value]) => [item, value ?? '']));
    return { place: document.place, patch: patchOf(secret, items, sealed, certificate, options) };
  });
  warnOfFields(inputs, 'Secret', context);
  const notes = new Set(chosen.flatMap(({ secret, target }) => notesOn(secret, target, options)));
  for (const note of notes) context.warn(note);
  warnOfNames(
    chosen.map(({ secret, target: { document, sealed } }) => {
      return { metadata: sealed.metadata, items: [...secret.data.keys()], place: document.place };
    }),
    context,
  );
  for (const { target, data } of mergedData(chosen)) {
    const { document, sealed } = target;
    for (const warning of refusalWarnings(sealed.template.type, data, document.place)) context.warn(warning);
  }
  const edited = await writeEdited(bytes, file, file, edits, options);
  warnOfSizes(sealedIn(edited, file), { data: true }, context);
}

/** By target, the data of its Secret after the merge. The values of items that are sealed already are not known. */
function mergedData(
  chosen: readonly { readonly secret: Secret; readonly target: MergeTarget }[],
): readonly { readonly target: MergeTarget; readonly data: KnownData }[] {
  const merged = new Map<MergeTarget, Map<string, Uint8Array | undefined>>();
  for (const { secret, target } of chosen) {
    const before = itemNames(target.sealed).map((item) => [item, undefined] as const);
    const data = merged.get(target) ?? new Map<string, Uint8Array | undefined>(before);
    for (const [item, value] of secret.data) {
      if (!isLeftOut(target.sealed.template, item)) data.set(item, value);
    }
    merged.set(target, data);
  }
  return [...merged].map(([target, data]) => ({ target, data }));
}

/** The one SealedSecret of the file; of several, the one with the name (and namespace) of the input or the flags. */
function targetFor(
  { metadata }: Secret,
  targets: readonly MergeTarget[],
  file: string,
  options: Options,
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

function patchOf(
  { metadata }: Secret,
  items: ReadonlyMap<string, string>,
  sealed: SealedSecret,
  { fingerprint }: Certificate,
  { keyHint }: Options,
): ReadonlyMap<string, Patch> {
  const patch = new Map<string, Patch>();
  const spec = new Map<string, Patch>();
  if (items.size > 0) spec.set('encryptedData', items);
  const annotations = new Map([...metadata.annotations].filter(([name]) => !NOT_MERGED.has(name)));
  const template = new Map<string, Patch>();
  if (metadata.labels.size > 0) template.set('labels', metadata.labels);
  if (annotations.size > 0) template.set('annotations', annotations);
  if (template.size > 0) spec.set('template', new Map([['metadata', template]]));
  if (spec.size > 0) patch.set('spec', spec);
  const { annotations: own } = sealed.metadata;
  if (items.size > 0 && (keyHint || own.has(SEALING_KEY))) {
    const keys = new Set([...hintOf(own), fingerprint]);
    patch.set('metadata', new Map([['annotations', new Map([[SEALING_KEY, [...keys].join(',')]])]]));
  }
  return patch;
}

/** The scope is the file's own, and what kubectl last applied holds the plaintext. */
const NOT_MERGED: ReadonlySet<string> = new Set([CLUSTER_WIDE, NAMESPACE_WIDE, ...LAST_APPLIED]);
