import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { findBinaries } from '../test/control-plane/binaries.ts';
import { PACKAGE } from './package.ts';

/** The folder of the chart. */
export const CHART = join(PACKAGE, 'helm', 'sealed-secrets');

/** The release name and namespace in the chart's notes, the guides and the plain manifests. */
export const RELEASE = { name: 'sealed-secrets', namespace: 'kube-system' } as const;

/** The name by which kubeseal finds the controller. */
export const CONTROLLER_NAME = 'sealed-secrets-controller';

/** Returns the path of an installed helm, or else builds one. Throws `NoControlPlane` if neither is possible. */
export async function findHelm(say: (line: string) => void): Promise<string> {
  const helm = (await findBinaries(['helm'], say)).get('helm');
  if (helm === undefined) throw new Error('there is no helm');
  return helm;
}

/** Renders a release of the chart, with its CRD, as YAML. Throws helm's message if it rejects the values. */
export async function renderChart(helm: string, args: readonly string[]): Promise<string> {
  const { name, namespace } = RELEASE;
  const all = ['template', name, CHART, '--namespace', namespace, '--include-crds', ...args];
  const { stdout } = await promisify(execFile)(helm, all, { maxBuffer: 64 << 20 });
  return stdout;
}
