import { isItemName } from '../../../shared/api/item-name.ts';
import { isName, isNamespace } from '../../../shared/api/metadata.ts';
import { isLeftOut, itemNames, type SealedSecret } from '../../../shared/api/sealed-secret.ts';
import type { ObjectRule } from '../object.ts';
import { hasPlaceholder } from '../placeholders.ts';
import type { Problem } from '../problem.ts';
import { sealedOf } from '../sealed-of.ts';
import { shownName } from '../shown-name.ts';

/** S014: names that the API server refuses. Whether a name may be absent is a matter of S005. */
export const invalidName: ObjectRule = (object) => {
  const sealed = sealedOf(object);
  if (sealed === undefined) return [];
  const { name, generateName, namespace } = sealed.metadata;
  return [
    ...(isFine(name, isName) ? [] : [refused('name', name)]),
    ...(isFine(generateName, isPrefix) ? [] : [refused('generateName', generateName)]),
    ...(isFine(namespace, isNamespace) ? [] : [refused('namespace', namespace)]),
    ...itemNames(sealed)
      .filter((item) => !isItemName(item) && !hasPlaceholder(item))
      .map((item) => refusedItem(item, sealed)),
  ];
};

/** How much of a prefix the API server uses. */
const MAX_PREFIX = 58;

/** Whether the API server accepts a prefix, to which it appends letters and digits. A dash may be its end. */
function isPrefix(prefix: string): boolean {
  return isName(prefix.replace(/(?<=.)-$/, 'a')) && isName(`${prefix.slice(0, MAX_PREFIX)}x`);
}

function isFine(name: string, isValid: (name: string) => boolean): boolean {
  return name === '' || isValid(name) || hasPlaceholder(name);
}

function refused(field: 'name' | 'generateName' | 'namespace', name: string): Problem {
  const dots = field === 'namespace' ? '"-", at most 63' : '"-" and ".", at most 253';
  return {
    rule: 'S014',
    at: ['metadata', field],
    message: `Kubernetes refuses the ${field} ${shownName(name)}`,
    advice: `use lower-case letters, digits, ${dots}; then seal the values again, which unseal only under the name that they were sealed for`,
  };
}

function refusedItem(item: string, { encryptedData, template }: SealedSecret): Problem {
  const isSealed = encryptedData.has(item) && !isLeftOut(template, item);
  return {
    rule: 'S014',
    at: isSealed ? ['spec', 'encryptedData', item] : ['spec', 'template', 'data', item],
    message: `no Secret can have an item with the name ${shownName(item)}`,
    advice:
      'use only letters, digits, "-", "_" and ".", at most 253; a ciphertext stays valid under another item name',
  };
}
