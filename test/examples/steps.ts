import { at, stringAt } from '../control-plane/admin-client.ts';

/** A step of a workflow or an action that runs a script. */
export interface Step {
  readonly name: string;
  readonly script: string;
  /** The variables, in which each expression is replaced. */
  readonly env: Readonly<Record<string, string>>;
}

/** The values of expressions, such as `inputs.file`. */
export type Context = Readonly<Record<string, string>>;

/**
 * Returns a step that runs a script; undefined if it runs none.
 *
 * @throws Error if an expression has no value, or is in a script, where a value could be taken for code
 */
export function scriptStep(step: unknown, context: Context): Step | undefined {
  if (at(step, 'run') === undefined) return undefined;
  const script = stringAt(step, 'run');
  if (script.includes('${{')) throw new Error(`an expression in a script: ${script}`);
  const env = Object.entries(Object(at(step, 'env')) as Record<string, unknown>).map(
    ([name, text]) => [name, evaluated(String(text), context)] as const,
  );
  return { name: stringAt(step, 'name'), script, env: Object.fromEntries(env) };
}

/** Replaces the expressions in a text: names, and alternatives of names, of which the first that is not empty counts. */
export function evaluated(text: string, context: Context): string {
  return text.replaceAll(/\$\{\{ (.+?) \}\}/g, (_, expression: string) => {
    const values = expression.split(' || ').map((name) => {
      const value = context[name];
      if (value === undefined) throw new Error(`no value for ${name}`);
      return value;
    });
    return values.find((value) => value !== '') ?? '';
  });
}
