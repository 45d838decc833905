import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { findBinaries } from '../test/control-plane/binaries.ts';
import { PACKAGE } from './package.ts';

/** The chart's folder. */
export const CHART = join(PACKAGE, 'helm', 'sealed-secrets');

/** What its notes, guides and plain manifests call a release, and where that is. */
export const RELEASE = { name: 'sealed-secrets', namespace: 'kube-system' } as const;

/** The name that kubeseal looks for. */
export const CONTROLLER_NAME = 'sealed-secrets-controller';

/** The path of a helm that is there, else of one that is built now. Throws `NoControlPlane` where neither can be. */
export async function findHelm(say: (line: string) => void): Promise<string> {
  const helm = (await findBinaries(['helm'], say)).get('helm');
  if (helm === undefined) throw new Error('there is no helm');
  return helm;
}

/** The objects of a release of the chart and its CRD, as YAML. Throws what helm says against the values. */
export async function renderChart(helm: string, args: readonly string[]): Promise<string> {
  const { name, namespace } = RELEASE;
  const all = ['template', name, CHART, '--namespace', namespace, '--include-crds', ...args];
  const { stdout } = await promisify(execFile)(helm, all, { maxBuffer: 64 << 20 });
  return stdout;
}
