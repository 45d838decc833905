import type { ObjectContext, ObjectRule } from '../../../cli/lint/object.ts';
import { objectsOf } from '../../../cli/lint/objects.ts';
import { ruleOf } from '../../../cli/lint/rules.ts';
import type { Problem } from '../../../cli/lint/problem.ts';
import { showPath } from '../../../shared/api/place.ts';
import { readDocuments } from '../../../shared/manifest/read.ts';

const CONTEXT: ObjectContext = {
  file: 'a.yaml',
  cluster: undefined,
  clusters: [],
  maxScope: 'cluster-wide',
  destinations: [],
  plainFiles: [],
  now: new Date('2026-11-30T12:00:00Z'),
};

/** Returns what a rule finds in the objects of a text, in a place without configuration. */
export async function runRule(rule: ObjectRule, text: string, file = 'a.yaml'): Promise<readonly Problem[]> {
  const problems: Problem[] = [];
  for (const object of objectsOf(readDocuments(Buffer.from(text), file)))
    problems.push(...(await rule(object, { ...CONTEXT, file })));
  return problems;
}

/** Returns the problems as lines such as `error stringData.password: plain text: stringData.password`. */
export async function shownProblems(rule: ObjectRule, text: string): Promise<readonly string[]> {
  const problems = await runRule(rule, text);
  return problems.map(
    ({ rule: id, severity = ruleOf(id).severity, at, message }) => `${severity} ${showPath(at)}: ${message}`,
  );
}
