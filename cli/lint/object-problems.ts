import { fullName } from '../../shared/api/metadata.ts';
import type { Place } from '../../shared/api/place.ts';
import { isObject } from '../../shared/api/reader.ts';
import { failureOf, type Failure } from '../../shared/errors.ts';
import { visible } from '../../shared/text.ts';
import type { LintContext } from './context.ts';
import type { FoundProblems } from './file-problems.ts';
import type { Lines, Position } from './lines.ts';
import type { Locator } from './locate.ts';
import type { Manifest } from './manifest.ts';
import type { Destination, LintedObject, ObjectContext } from './object.ts';
import { objectsOf } from './objects.ts';
import type { Finding, Problem } from './problem.ts';
import { OBJECT_RULES } from './rules/index.ts';

/** A problem with its position. */
export interface LocatedProblem extends Omit<Problem, 'at'>, Position, Pick<Finding, 'object'> {
  /** The place of the object; undefined for a file that holds no objects. */
  readonly place: Place | undefined;
}

interface Checked {
  readonly file: string;
  readonly context: LintContext;
  readonly view: { readonly locator: Locator | undefined; readonly lines: () => Lines };
}

/** Applies the rules about objects. */
export async function problemsInObjects(
  manifest: Manifest,
  { file, context, view: { locator, lines } }: Checked,
): Promise<FoundProblems> {
  const problems: LocatedProblem[] = [];
  const unchecked = [...manifest.failures];
  const showsAll = async (all: readonly Problem[]): Promise<boolean> =>
    !all.some(({ needsAll }) => needsAll) || !(manifest.isMasked || (await context.isPatch()));
  for (const object of objectsOf(manifest.documents)) {
    const { place } = object;
    const all = await problemsOf(object, { file, context, unchecked });
    const found = (await showsAll(all)) ? all : all.filter(({ needsAll }) => needsAll !== true);
    if (found.length === 0) continue;
    const title = titleOf(object);
    for (const { at, ...problem } of found) {
      const position = lines().positionOf(locator?.offsetOf(place, at) ?? 0);
      problems.push({ ...problem, ...position, object: title || undefined, place });
    }
  }
  return { problems, unchecked };
}

interface RuleRun extends Omit<Checked, 'view'> {
  /** Takes why a rule failed. */
  readonly unchecked: Failure[];
}

async function problemsOf(
  object: LintedObject,
  { file, context, unchecked }: RuleRun,
): Promise<readonly Problem[]> {
  const problems: Problem[] = [];
  const { cluster, clusters, maxScope, now } = context;
  let destinations: readonly Destination[] = [];
  const attempt = async (work: () => Promise<void>): Promise<void> => {
    try {
      await work();
    } catch (error) {
      unchecked.push(failureOf(error, 'lint'));
    }
  };
  await attempt(async () => {
    destinations = await context.destinationsOf(object);
  });
  let plainFiles: ObjectContext['plainFiles'] = [];
  await attempt(async () => {
    plainFiles = await context.plainFilesOf(object);
  });
  const known = { file, cluster, clusters, maxScope, destinations, plainFiles, now };
  for (const rule of OBJECT_RULES) {
    await attempt(async () => {
      for (const problem of await rule(object, known)) problems.push(problem);
    });
  }
  return problems;
}

/** Returns `SealedSecret shop/db`. Leaves out what is not text. */
export function titleOf({ value, kind }: LintedObject): string {
  const metadata = fieldOf(value, 'metadata');
  const name = textOf(fieldOf(metadata, 'name'));
  const namespace = textOf(fieldOf(metadata, 'namespace'));
  return [kind, fullName({ name, namespace })]
    .filter((word) => word !== '')
    .map(visible)
    .join(' ');
}

function fieldOf(value: unknown, field: string): unknown {
  return isObject(value) ? Reflect.get(value, field) : undefined;
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
