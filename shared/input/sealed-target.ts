import { showPlace } from '../api/place.ts';
import { isLeftOut, type SealedSecret } from '../api/sealed-secret.ts';
import type { Secret } from '../api/secret.ts';
import { scopeOf } from '../seal/scope.ts';
import { withRest } from '../text.ts';
import { clusterWideNote } from './cluster-wide.ts';
import type { Remark } from './remark.ts';
import type { SealedDocument } from './sealed-document.ts';

/** The most items that a remark names. */
const MAX_NAMED = 5;

/**
 * Returns what a person should know before the items of a Secret are sealed into a SealedSecret.
 *
 * @param confirmed the name and namespace that the person has typed
 */
export function targetRemarks(
  secret: Secret,
  { document, sealed }: SealedDocument,
  confirmed: { readonly name?: string | undefined; readonly namespace?: string | undefined } = {},
): Remark[] {
  const { metadata, template } = sealed;
  const at = showPlace(document.place);
  const remarks: Remark[] = [];
  const note = (text: string): void => void remarks.push({ severity: 'note', text });
  const warn = (text: string): void => void remarks.push({ severity: 'warning', text });
  if (scopeOf(metadata.annotations) === 'cluster-wide') {
    note(clusterWideNote(at));
  } else {
    const assumed = [
      ...(secret.metadata.name === '' && confirmed.name === undefined ? [`name "${metadata.name}"`] : []),
      ...(secret.metadata.namespace === '' && confirmed.namespace === undefined
        ? [`namespace "${metadata.namespace}"`]
        : []),
    ].join(' and ');
    if (assumed !== '') note(`${at}: sealing for the ${assumed} of the file, since the input has none`);
  }
  const templates = [...template.data].filter(([, text]) => text !== null).map(([field]) => field);
  if (templates.length > 0)
    note(`${at}: templates in the file can copy the new items into ${namesOf(templates)}`);
  const leftOut = [...secret.data.keys()].filter((item) => isLeftOut(template, item));
  if (leftOut.length > 0)
    warn(
      `${at}: spec.template.data is null for ${namesOf(leftOut)}: the Secret will not contain the sealed value`,
    );
  if (templateDiffers(sealed))
    warn(`${at}: spec.template.metadata has another name, namespace or a wider scope; only metadata is used`);
  return remarks;
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
