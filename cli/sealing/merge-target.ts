import { showPlace, inside } from '../../shared/api/place.ts';
import { checkLabelPart } from '../../shared/api/metadata.ts';
import type { Secret } from '../../shared/api/secret.ts';
import { fail } from '../errors.ts';
import type { SealedDocument } from '../../shared/input/sealed-document.ts';
import { targetRemarks } from '../../shared/input/sealed-target.ts';
import { scopeOf } from '../../shared/seal/scope.ts';
import type { NameOptions, SealingOptions } from '../flags/options.ts';
import { shellWord } from '../flags/shell-word.ts';
import { effectiveScope } from './scope.ts';

/**
 * Checks of the file that `--merge-into` changes. The file's name, namespace and scope decide who can unseal the new
 * items, and someone else may have edited it, so they must be what the user expects.
 */

/**
 * Refuses a target whose name, namespace or scope differs from the input, unless a flag confirms the target's value. For
 * a cluster-wide target only the scope counts: its ciphertexts are not bound to a name or namespace. Throws `BadName`,
 * `MergeScope`, `MergeName`, `MergeNamespace` or `MergeMismatch`.
 */
export function checkMergeTarget(
  secret: Secret,
  { document, sealed }: SealedDocument,
  options: SealingOptions,
): void {
  const own = scopeOf(sealed.metadata.annotations);
  const at = showPlace(document.place);
  const { scope } = options;
  if (scope !== undefined && scope !== 'strict' && scope !== own)
    fail({ code: 'MergeScope', at, own, specified: scope });
  const differences: Difference[] = [];
  if (scope !== own) {
    // The default of .kubeseal.yaml is for new objects: it contradicts no file.
    const scopes = options.scopes?.scope === own ? options.scopes : undefined;
    const wanted = effectiveScope(secret, { scope, scopes });
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
  { document, sealed }: SealedDocument,
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

/** Returns what to print about a target that passed the checks, one line each. */
export function targetWarnings(secret: Secret, target: SealedDocument, options: NameOptions): string[] {
  return targetRemarks(secret, target, options).map(({ severity, text }) =>
    severity === 'note' ? `(${text})` : `warning: ${text}`,
  );
}

/** Whether two texts differ, neither of them empty. */
function isOther(one: string, other: string): boolean {
  return one !== '' && other !== '' && one !== other;
}
