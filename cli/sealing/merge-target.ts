import { showPlace, inside } from '../../shared/api/place.ts';
import { checkLabelPart } from '../../shared/api/metadata.ts';
import { isLeftOut, type SealedSecret } from '../../shared/api/sealed-secret.ts';
import type { Secret } from '../../shared/api/secret.ts';
import { fail } from '../errors.ts';
import type { Document } from '../../shared/manifest/read.ts';
import { scopeOf } from '../../shared/seal/scope.ts';
import { withRest } from '../../shared/text.ts';
import type { NameOptions, SealingOptions } from '../flags/options.ts';
import { shellWord } from '../flags/shell-word.ts';
import { clusterWideWarning, effectiveScope } from './scope.ts';

/**
 * Checks of the file that `--merge-into` changes. The file's name, namespace and scope decide who can unseal the new
 * items, and someone else may have edited it, so they must be what the user expects.
 */

/** A SealedSecret in a file, to which items are added. */
export interface MergeTarget {
  readonly document: Document;
  readonly sealed: SealedSecret;
}

/**
 * Refuses a target whose name, namespace or scope differs from the input, unless a flag confirms the target's value. For
 * a cluster-wide target only the scope counts: its ciphertexts are not bound to a name or namespace. Throws `BadName`,
 * `MergeScope`, `MergeName`, `MergeNamespace` or `MergeMismatch`.
 */
export function checkMergeTarget(
  secret: Secret,
  { document, sealed }: MergeTarget,
  options: SealingOptions,
): void {
  const own = scopeOf(sealed.metadata.annotations);
  const at = showPlace(document.place);
  const { scope } = options;
  if (scope !== undefined && scope !== 'strict' && scope !== own)
    fail({ code: 'MergeScope', at, own, specified: scope });
  const differences: Difference[] = [];
  if (scope !== own) {
    const wanted = effectiveScope(secret, options);
    if (wanted !== own)
      differences.push({ file: `the scope ${own}`, input: `the scope ${wanted}`, flag: `--scope ${own}` });
  }
  if (own !== 'cluster-wide') differences.push(...placeDifferences(secret, { document, sealed }, options));
  if (differences.length === 0) return;
  fail({
    code: 'MergeMismatch',
    at,
    file: differences.map(({ file }) => file),
    input: differences.map(({ input }) => input),
    flags: differences.map(({ flag }) => flag),
  });
}

interface Difference {
  readonly file: string;
  readonly input: string;
  /** The flag that confirms the file's value. */
  readonly flag: string;
}

function placeDifferences(
  secret: Secret,
  { document, sealed }: MergeTarget,
  options: SealingOptions,
): Difference[] {
  const { name, namespace } = sealed.metadata;
  const metadata = inside(document.place, 'metadata');
  const at = showPlace(document.place);
  // Sealing itself refuses empty ones.
  if (name !== '') checkLabelPart(name, inside(metadata, 'name'));
  if (namespace !== '') checkLabelPart(namespace, inside(metadata, 'namespace'));
  if (options.namespace !== undefined && options.namespace !== namespace)
    fail({ code: 'MergeNamespace', at, own: namespace, specified: options.namespace });
  if (options.name !== undefined && options.name !== name)
    fail({ code: 'MergeName', at, own: name, specified: options.name });
  const input = secret.metadata;
  const differences: Difference[] = [];
  if (options.name === undefined && isOther(name, input.name))
    differences.push({
      file: `the name "${name}"`,
      input: `the name "${input.name}"`,
      flag: `--name ${shellWord(name)}`,
    });
  if (options.namespace === undefined && isOther(namespace, input.namespace))
    differences.push({
      file: `the namespace "${namespace}"`,
      input: `the namespace "${input.namespace}"`,
      flag: `--namespace ${shellWord(namespace)}`,
    });
  return differences;
}

const MAX_NAMED = 5;

/** Returns warnings about a target that passed the checks, one line each. */
export function targetWarnings(
  secret: Secret,
  { document, sealed }: MergeTarget,
  options: NameOptions,
): string[] {
  const { metadata, template } = sealed;
  const at = showPlace(document.place);
  const warnings: string[] = [];
  if (scopeOf(metadata.annotations) === 'cluster-wide') {
    warnings.push(clusterWideWarning(at));
  } else {
    const assumed = [
      ...(secret.metadata.name === '' && options.name === undefined ? [`name "${metadata.name}"`] : []),
      ...(secret.metadata.namespace === '' && options.namespace === undefined
        ? [`namespace "${metadata.namespace}"`]
        : []),
    ].join(' and ');
    if (assumed !== '')
      warnings.push(`(${at}: sealing for the ${assumed} of the file, since the input has none)`);
  }
  const templates = [...template.data].filter(([, text]) => text !== null).map(([field]) => field);
  if (templates.length > 0)
    warnings.push(`(${at}: templates in the file can copy the new items into ${namesOf(templates)})`);
  const leftOut = [...secret.data.keys()].filter((item) => isLeftOut(template, item));
  if (leftOut.length > 0)
    warnings.push(
      `warning: ${at}: spec.template.data is null for ${namesOf(leftOut)}: the Secret will not contain the sealed value`,
    );
  if (templateDiffers(sealed))
    warnings.push(
      `warning: ${at}: spec.template.metadata has another name, namespace or a wider scope; only metadata is used`,
    );
  return warnings;
}

function namesOf(items: readonly string[]): string {
  const named = items.slice(0, MAX_NAMED).map((item) => JSON.stringify(item));
  return withRest(named.join(', '), items.length - named.length);
}

/**
 * Whether the template contradicts the metadata. Older controllers took the scope of a re-encrypted object from its
 * template (CVE-2026-22728).
 */
function templateDiffers({ metadata, template }: SealedSecret): boolean {
  const scope = scopeOf(template.metadata.annotations);
  return (
    isOther(template.metadata.name, metadata.name) ||
    isOther(template.metadata.namespace, metadata.namespace) ||
    (scope !== 'strict' && scope !== scopeOf(metadata.annotations))
  );
}

/** Whether two texts differ, neither of them empty. */
function isOther(one: string, other: string): boolean {
  return one !== '' && other !== '' && one !== other;
}
