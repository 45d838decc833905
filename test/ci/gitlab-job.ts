import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { load } from 'js-yaml';
import { at, listAt } from '../control-plane/admin-client.ts';
import { PACKAGE } from '../support/package.ts';
import { run, type Ran } from '../support/run.ts';

/** The template of the job for GitLab. */
export const TEMPLATE = join(PACKAGE, 'ci', 'gitlab', 'kubeseal-lint.yml');

/** How to run the job. */
export interface JobRun {
  /** The text of the template. */
  readonly template?: string;
  /** Variables that the project sets. */
  readonly variables: Readonly<Record<string, string>>;
  /** The folder of the checkout. */
  readonly workspace: string;
  /** The variable PATH. */
  readonly path: string;
}

/** Runs the script of the job as GitLab's runner does: with its variables, by sh, in the checkout. */
export function runJob({
  template = readFileSync(TEMPLATE, 'utf8'),
  variables,
  workspace,
  path,
}: JobRun): Promise<Ran> {
  const job = at(load(template), 'kubeseal-lint');
  const own = Object.entries(Object(at(job, 'variables')) as Record<string, unknown>);
  const env = { PATH: path, ...Object.fromEntries(own.map(([name, value]) => [name, String(value)])) };
  const script = listAt(job, 'script').map(String).join('\n');
  return run('sh', ['-e', '-c', script], { cwd: workspace, env: { ...env, ...variables } });
}
