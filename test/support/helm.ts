import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadAll } from 'js-yaml';
import { CHART, findHelm, RELEASE } from '../../build/helm.ts';
import { at, stringAt } from '../control-plane/admin-client.ts';
import { atEnd } from '../control-plane/lifetime.ts';
import { run, type Ran } from './run.ts';

/** Helm's own folders, so that nothing of the user who runs the tests is read or written. */
const home = mkdtempSync(join(tmpdir(), 'sealed-secrets-helm-'));
atEnd(() => rmSync(home, { recursive: true, force: true }));

/** Runs the real helm, in the folder from where the guides name the chart `./helm/sealed-secrets`. */
export async function helm(args: readonly string[], kubeconfig = ''): Promise<Ran> {
  const binary = await findHelm((line) => console.error(line));
  const env = { PATH: process.env['PATH'], HOME: home, KUBECONFIG: kubeconfig || join(home, 'none') };
  return run(binary, args, { env, cwd: join(CHART, '..', '..') });
}

/** As {@link helm}, for a step that has to work. Gives what it prints. */
export async function helmDoes(args: readonly string[], kubeconfig = ''): Promise<string> {
  const ran = await helm(args, kubeconfig);
  if (ran.code !== 0) throw new Error(`helm ${args.join(' ')}: ${ran.stderr}`);
  return ran.stdout;
}

/** Renders the release of the guides, with further flags of helm. */
export async function template(...args: readonly string[]): Promise<string> {
  return helmDoes(['template', RELEASE.name, CHART, '--namespace', RELEASE.namespace, ...args]);
}

/** The objects in a text of YAML documents. */
export function objectsIn(text: string): object[] {
  return loadAll(text).filter((object) => typeof object === 'object' && object !== null);
}

/** The one object of that kind (and of that name). */
export function only(objects: readonly object[], kind: string, name?: string): object {
  const found = objects.filter(
    (each) =>
      at(each, 'kind') === kind && (name === undefined || stringAt(each, 'metadata', 'name') === name),
  );
  const [first] = found;
  if (first === undefined || found.length > 1) throw new Error(`there are ${found.length} of ${kind}`);
  return first;
}
