import { knownScope } from '../known-scope.ts';
import type { ObjectRule } from '../object.ts';
import { sealedOf } from '../sealed-of.ts';

/**
 * S008: a strict SealedSecret whose name the API server generates. Its values unseal under one name, which a generated
 * name never is. The other scopes bind no name.
 */
export const generatedName: ObjectRule = (object) => {
  const metadata = sealedOf(object)?.metadata;
  if (metadata?.name !== '' || metadata.generateName === '') return [];
  if (knownScope(metadata.annotations) !== 'strict') return [];
  return [
    {
      rule: 'S008',
      at: ['metadata', 'generateName'],
      message:
        'the name is generated, and strict values unseal only under the name that they were sealed for',
      advice: 'write metadata.name instead, or seal the values again with --scope namespace-wide',
    },
  ];
};
