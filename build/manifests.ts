/**
 * Renders the chart into plain manifests for installation without helm: `dist/manifests/controller.yaml`, and
 * `controller-norbac.yaml` without cluster-wide roles.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';
import { CONTROLLER_NAME, findHelm, renderChart } from './helm.ts';
import { DIST } from './package.ts';

const FOLDER = join(DIST, 'manifests');

/** The complete manifest, as the guides install it. */
export const MANIFEST = join(FOLDER, 'controller.yaml');

/** The manifest without ClusterRole and ClusterRoleBinding. */
export const NAMESPACED_MANIFEST = join(FOLDER, 'controller-norbac.yaml');

const NAMED = ['--set-string', `fullnameOverride=${CONTROLLER_NAME}`];

/** Labels that apply only to helm's releases. */
const OF_HELM = ['helm.sh/chart', 'app.kubernetes.io/managed-by'];

const ALL = `# Sealed Secrets: the CustomResourceDefinition, and the controller with the right to make Secrets in all namespaces.
# Made from the chart.
`;

const NAMESPACED = `# Sealed Secrets without rights in the whole cluster. Made from the chart.
# Give the ServiceAccount the rules of the chart's ClusterRole in the namespaces that it is to unseal in, and the
# controller the flag --additional-namespaces with them.
`;

/** Writes both files. Throws `NoControlPlane` if there is neither helm nor a Go to build it. */
export async function buildManifests(say: (line: string) => void): Promise<void> {
  const helm = await findHelm(say);
  mkdirSync(FOLDER, { recursive: true });
  writeFileSync(MANIFEST, plain(ALL, await renderChart(helm, NAMED)));
  const namespaced = await renderChart(helm, [...NAMED, '--set', 'rbac.clusterRole=false']);
  writeFileSync(NAMESPACED_MANIFEST, plain(NAMESPACED, namespaced));
}

function plain(heading: string, rendered: string): string {
  const documents = parseAllDocuments(rendered.replaceAll(/^# Source: .*\n/gm, ''));
  const texts = documents.flatMap((document) => {
    const [error] = document.errors;
    if (error !== undefined) throw error;
    if (document.contents === null) return [];
    for (const label of OF_HELM) {
      const path = ['metadata', 'labels', label];
      if (document.hasIn(path)) document.deleteIn(path);
    }
    return [document.toString({ directives: false, lineWidth: 0 })];
  });
  return heading + texts.map((text) => `---\n${text}`).join('');
}

if (process.argv[1] === import.meta.filename) await buildManifests((line) => console.error(line));
