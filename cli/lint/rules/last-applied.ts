import { LAST_APPLIED } from '../../../shared/api/annotations.ts';
import { showPath } from '../../../shared/api/place.ts';
import { JsonError, parseJsonDocuments } from '../../../shared/manifest/json-read.ts';
import { REMOVED, type PatchMap } from '../../../shared/manifest/splice.ts';
import type { ObjectRule } from '../object.ts';
import { mapsIn, plainSecretsIn, type Path } from '../plaintext.ts';
import type { Problem } from '../problem.ts';

/**
 * S010: the annotations in which kubectl and kubecfg keep the object that was applied, where that is a Secret with
 * values. They are of no use in a file, so they can be removed from a SealedSecret.
 */
export const lastApplied: ObjectRule = ({ value, kind }) =>
  mapsIn(value).flatMap(({ object, at }) =>
    LAST_APPLIED.filter((name) => holdsSecret(Object.hasOwn(object, name) && Reflect.get(object, name))).map(
      (name) => problem([...at, name], kind === 'SealedSecret'),
    ),
  );

const CHANGE = 'change the values, which stay in the history';

function problem(at: Path, canRemove: boolean): Problem {
  return {
    rule: 'S010',
    at,
    message: `${showPath(at)} holds a copy of a Secret in plain text`,
    advice: `remove the annotation, and ${CHANGE}`,
    ...(canRemove ? { fix: removal(at), afterFix: CHANGE } : {}),
  };
}

function removal([first = '', ...rest]: Path): PatchMap {
  return new Map([[first, rest.length === 0 ? REMOVED : removal(rest)]]);
}

/** What a Secret with values looks like in JSON that is cut off, or has placeholders. */
const KIND = /"kind"\s*:\s*"Secret"/;
const VALUES = /"(?:data|stringData)"\s*:\s*\{\s*"/;

function holdsSecret(text: unknown): boolean {
  if (typeof text !== 'string') return false;
  try {
    return parseJsonDocuments(text).some((copy) =>
      plainSecretsIn(copy).some(({ plain }) => plain.length > 0),
    );
  } catch (error) {
    if (error instanceof JsonError) return KIND.test(text) && VALUES.test(text);
    throw error;
  }
}
