import { readFileSync } from 'node:fs';
import { load } from 'js-yaml';
import { at, listAt, stringAt } from '../control-plane/admin-client.ts';

/** A step of a workflow that runs a script. */
export interface Step {
  readonly name: string;
  readonly script: string;
  /** The variables, in which each expression is replaced. */
  readonly env: Readonly<Record<string, string>>;
}

/**
 * Reads the steps of a workflow's only job that run scripts.
 *
 * @param context the values of the expressions in variables, such as `inputs.file`
 * @throws Error if there is another expression, also in a script, where a value could be taken for code
 */
export function stepsOf(file: string, context: Readonly<Record<string, string>>): readonly Step[] {
  const [job] = Object.values(
    Object(at(load(readFileSync(file, 'utf8')), 'jobs')) as Record<string, unknown>,
  );
  return listAt(job, 'steps').flatMap((step) => {
    if (at(step, 'run') === undefined) return [];
    const script = stringAt(step, 'run');
    if (script.includes('${{')) throw new Error(`an expression in a script: ${script}`);
    const env = Object.entries(Object(at(step, 'env')) as Record<string, unknown>).map(
      ([name, text]) => [name, withValues(String(text), context)] as const,
    );
    return [{ name: stringAt(step, 'name'), script, env: Object.fromEntries(env) }];
  });
}

function withValues(text: string, context: Readonly<Record<string, string>>): string {
  return text.replaceAll(/\$\{\{ (\S+) \}\}/g, (_, expression: string) => {
    const value = context[expression];
    if (value === undefined) throw new Error(`no value for ${expression}`);
    return value;
  });
}
