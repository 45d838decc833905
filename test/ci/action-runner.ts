import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { load } from 'js-yaml';
import { at, listAt, stringAt } from '../control-plane/admin-client.ts';
import { evaluated, scriptStep, type Context } from '../examples/steps.ts';
import { PACKAGE } from '../support/package.ts';
import { run, type Ran } from '../support/run.ts';

/** The folder of the action that runs kubeseal lint. */
export const ACTION = join(PACKAGE, 'ci', 'github-action');

/** The contexts of GitHub that the action reads. */
const GITHUB = {
  'github.token': 'a-token',
  'github.action_repository': 'platform/sealed-secrets',
  'github.repository': 'shop/gitops',
};

/** Reads the action. */
export function readAction(): unknown {
  return load(readFileSync(join(ACTION, 'action.yml'), 'utf8'));
}

/** How to run the action. */
export interface ActionRun {
  readonly inputs: Readonly<Record<string, string>>;
  /** The folder of the workspace. */
  readonly workspace: string;
  /** The folder for the temporary files of the runner. */
  readonly temporary: string;
  /** The variable PATH of the first step. */
  readonly path: string;
}

/** What the action did. */
export interface ActionResult extends Ran {
  /** The steps that ran, also those of other actions, which are skipped. */
  readonly steps: readonly string[];
  /** The inputs of the steps that are other actions. */
  readonly passed: Readonly<Record<string, string>>;
}

/** Runs the steps of the action with scripts as the runner does, until one fails. */
export async function runAction({ inputs, workspace, temporary, path }: ActionRun): Promise<ActionResult> {
  const action = readAction();
  const defaults = Object.entries(Object(at(action, 'inputs')) as Record<string, unknown>);
  let context: Context = {
    ...GITHUB,
    ...Object.fromEntries(
      defaults.map(([name, input]) => [
        `inputs.${name}`,
        inputs[name] ?? evaluated(String(at(input, 'default')), GITHUB),
      ]),
    ),
  };
  const steps: string[] = [];
  const passed: Record<string, string> = {};
  let paths = path;
  let ran: Ran = { code: 0, stdout: '', stderr: '' };
  for (const step of listAt(at(action, 'runs'), 'steps')) {
    if (!holds(conditionOf(step), context)) continue;
    const script = scriptStep(step, context);
    steps.push(stringAt(step, 'name'));
    if (script === undefined) {
      for (const [name, text] of Object.entries(Object(at(step, 'with')) as Record<string, unknown>))
        passed[name] = evaluated(String(text), context);
      continue;
    }
    const files = commandFiles(temporary);
    const env = {
      ...{ PATH: paths, HOME: temporary, RUNNER_TEMP: temporary, GITHUB_ACTION_PATH: ACTION },
      ...{ GITHUB_SERVER_URL: 'https://github.example', ...files, ...script.env },
    };
    ran = await run('bash', ['-eo', 'pipefail', '-c', script.script], { cwd: workspace, env });
    if (ran.code !== 0) break;
    paths = [...linesOf(files.GITHUB_PATH).reverse(), paths].join(delimiter);
    const outputs = linesOf(files.GITHUB_OUTPUT).map((line) => line.split('=', 2));
    for (const [name = '', value = ''] of outputs)
      context = { ...context, [`steps.${String(at(step, 'id'))}.outputs.${name}`]: value };
  }
  return { ...ran, steps, passed };
}

function conditionOf(step: unknown): string {
  return at(step, 'if') === undefined ? '' : stringAt(step, 'if');
}

/** Whether a condition holds: an input that is, or is not, a text. */
function holds(condition: string, context: Context): boolean {
  if (condition === '') return true;
  const [, name = '', operator, text] = /^(\S+) (==|!=) '(.*)'$/.exec(condition) ?? [];
  const value = context[name];
  if (value === undefined) throw new Error(`a condition of another form: ${condition}`);
  return (value === text) === (operator === '==');
}

/** The files through which a step gives something to the following ones. */
function commandFiles(temporary: string): { readonly GITHUB_PATH: string; readonly GITHUB_OUTPUT: string } {
  const folder = mkdtempSync(join(temporary, 'commands-'));
  const files = { GITHUB_PATH: join(folder, 'path'), GITHUB_OUTPUT: join(folder, 'output') };
  for (const file of Object.values(files)) writeFileSync(file, '');
  return files;
}

function linesOf(file: string): string[] {
  return readFileSync(file, 'utf8')
    .split('\n')
    .filter((line) => line !== '');
}
