/**
 * Renders the chart into plain files in `dist/manifests`, for those without helm: `controller.yaml`,
 * `controller-norbac.yaml` without cluster-wide roles, and alerts and dashboard for those without Prometheus' operator.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { loadAll } from 'js-yaml';
import { parseAllDocuments, stringify } from 'yaml';
import { isObject, Reader } from '../shared/api/reader.ts';
import { CONTROLLER_NAME, findHelm, renderChart } from './helm.ts';
import { DIST } from './package.ts';

const FOLDER = join(DIST, 'manifests');

/** The complete manifest, as the guides install it. */
export const MANIFEST = join(FOLDER, 'controller.yaml');

/** The manifest without ClusterRole and ClusterRoleBinding. */
export const NAMESPACED_MANIFEST = join(FOLDER, 'controller-norbac.yaml');

/** The alerts as a file of rules for Prometheus. */
export const ALERTS = join(FOLDER, 'sealed-secrets-alerts.yaml');

/** The dashboard as a file for Grafana. */
export const DASHBOARD = join(FOLDER, 'sealed-secrets-dashboard.json');

/** All of these files. */
export const MANIFESTS = [MANIFEST, NAMESPACED_MANIFEST, ALERTS, DASHBOARD];

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

const RULES = `# Alerts about Sealed Secrets, for rule_files of Prometheus. Made from the chart.
# docs/monitoring.md says what each of them means and what to do.
`;

/** Writes all files. Throws `NoControlPlane` if there is neither helm nor a Go to build it. */
export async function buildManifests(say: (line: string) => void): Promise<void> {
  const helm = await findHelm(say);
  mkdirSync(FOLDER, { recursive: true });
  writeFileSync(MANIFEST, plain(ALL, await renderChart(helm, NAMED)));
  const namespaced = await renderChart(helm, [...NAMED, '--set', 'rbac.clusterRole=false']);
  writeFileSync(NAMESPACED_MANIFEST, plain(NAMESPACED, namespaced));
  const observed = ['--set', 'metrics.prometheusRule.enabled=true,metrics.dashboards.create=true'];
  const objects = readersOf(await renderChart(helm, [...NAMED, ...observed]));
  const groups = objects.get('PrometheusRule')?.object('spec')?.value('groups');
  const dashboard = objects.get('ConfigMap')?.object('data')?.string('sealed-secrets.json');
  if (groups === undefined || dashboard === undefined)
    throw new Error('the chart has no alerts or no dashboard');
  writeFileSync(ALERTS, RULES + stringify({ groups }, { lineWidth: 0 }));
  writeFileSync(DASHBOARD, dashboard);
}

/** Returns the objects of a rendered chart by their kinds; of several with one kind, the last one. */
function readersOf(rendered: string): ReadonlyMap<string, Reader> {
  const objects = loadAll(rendered).filter((each) => isObject(each));
  return new Map(
    objects.map((object) => {
      const reader = new Reader(object, { source: 'the chart' });
      return [reader.requiredString('kind'), reader];
    }),
  );
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
