import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadAll } from 'js-yaml';
import { CHART, findHelm, RELEASE } from '../../build/helm.ts';
import { at, stringAt } from '../control-plane/admin-client.ts';
import { atEnd } from '../control-plane/lifetime.ts';
import { run, type Ran } from './run.ts';

/** Helm's own folders, so that the configuration of the user who runs the tests is neither read nor written. */
const home = mkdtempSync(join(tmpdir(), 'sealed-secrets-helm-'));
atEnd(() => rmSync(home, { recursive: true, force: true }));

/** Runs the real helm in the folder in which the guides call the chart `./helm/sealed-secrets`. */
export async function helm(args: readonly string[], kubeconfig = ''): Promise<Ran> {
  const binary = await findHelm((line) => console.error(line));
  const env = { PATH: process.env['PATH'], HOME: home, KUBECONFIG: kubeconfig || join(home, 'none') };
  return run(binary, args, { env, cwd: join(CHART, '..', '..') });
}

/** Runs {@link helm} for a step that must succeed. Returns its stdout. */
export async function helmDoes(args: readonly string[], kubeconfig = ''): Promise<string> {
  const ran = await helm(args, kubeconfig);
  if (ran.code !== 0) throw new Error(`helm ${args.join(' ')}: ${ran.stderr}`);
  return ran.stdout;
}

/** Renders the release of the guides, with additional flags of helm. */
export async function template(...args: readonly string[]): Promise<string> {
  return helmDoes(['template', RELEASE.name, CHART, '--namespace', RELEASE.namespace, ...args]);
}

/** Parses a text of YAML documents into objects. */
export function objectsIn(text: string): object[] {
  return loadAll(text).filter((object) => typeof object === 'object' && object !== null);
}

/** Returns the only object of the kind (and name). Throws if there is not exactly one. */
export function only(objects: readonly object[], kind: string, name?: string): object {
  const found = objects.filter(
    (each) =>
      at(each, 'kind') === kind && (name === undefined || stringAt(each, 'metadata', 'name') === name),
  );
  const [first] = found;
  if (first === undefined || found.length > 1) throw new Error(`there are ${found.length} of ${kind}`);
  return first;
}
