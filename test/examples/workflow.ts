import { readFileSync } from 'node:fs';
import { load } from 'js-yaml';
import { at, listAt } from '../control-plane/admin-client.ts';
import { scriptStep, type Context, type Step } from './steps.ts';

/** Reads the steps of a workflow's only job that run scripts, as `scriptStep` does. */
export function stepsOf(file: string, context: Context): readonly Step[] {
  const [job] = Object.values(
    Object(at(load(readFileSync(file, 'utf8')), 'jobs')) as Record<string, unknown>,
  );
  return listAt(job, 'steps').flatMap((step) => scriptStep(step, context) ?? []);
}
