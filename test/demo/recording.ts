import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { Cast } from '../../build/recording/cast.ts';
import { recordSession, type Step } from '../../build/recording/session.ts';
import { NODE_ENTRY, PACKAGE } from '../../build/package.ts';
import { findBinaries } from '../control-plane/binaries.ts';
import { Installation } from '../support/installation.ts';

/** The recording of the demo's core: from a value to a Secret in the cluster, and back without the cluster. */
export const DEMO_CAST = join(PACKAGE, 'docs', 'recording', 'demo.cast');
/** The picture of that recording. */
export const DEMO_SVG = join(PACKAGE, 'docs', 'recording', 'demo.svg');

const SIZE = { columns: 104, rows: 19 };
const VALUE = 'correct horse';

const STEPS: readonly Step[] = [
  { typed: 'kubeseal create generic db -n shop --prompt password -w db.yaml', asks: /password: / },
  { typed: VALUE, asks: /again: / },
  { typed: VALUE },
  { typed: 'kubectl apply -f db.yaml' },
  { typed: 'kubectl wait --for=condition=Synced sealedsecret/db' },
  { typed: "kubectl get secret db -o jsonpath='{.data.password}' | base64 -d; echo" },
  { typed: 'kubectl delete secret db' },
  { typed: 'kubectl wait --for=create secret/db  # the controller restores it' },
  {
    typed:
      'kubectl get secret -n kube-system -l sealedsecrets.bitnami.com/sealed-secrets-key -o yaml > keys.yaml',
  },
  { typed: 'kubeseal get db.yaml password --recovery-private-key keys.yaml  # without the cluster' },
];

/** Runs the core of the demo on a control plane of its own, and records the terminal. Needs an address for pods. */
export async function recordDemo(): Promise<Cast> {
  const home = mkdtempSync(join(tmpdir(), 'sealed-secrets-recording-'));
  const installation = await Installation.start();
  try {
    const { plane } = installation;
    await plane.apply('{"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "shop"}}');
    const [folder, programs] = [join(home, 'shop'), join(home, 'bin')];
    for (const each of [folder, programs]) mkdirSync(each);
    const kubeseal = join(programs, 'kubeseal');
    writeFileSync(kubeseal, `#!/bin/sh\nexec '${process.execPath}' '${NODE_ENTRY}' "$@"\n`);
    chmodSync(kubeseal, 0o755);
    const kubectl = (await findBinaries(['kubectl'], () => undefined)).get('kubectl') ?? 'kubectl';
    symlinkSync(kubectl, join(programs, 'kubectl'));
    const controller = await installation.startReadyController();
    const environment = {
      PATH: [programs, dirname(process.execPath), process.env['PATH'] ?? ''].join(':'),
      HOME: home,
      KUBECONFIG: plane.kubeconfigFor(plane.adminToken, { namespace: 'shop' }),
    };
    const events = await recordSession(STEPS, { ...SIZE, folder, environment });
    await controller.stop();
    return { ...SIZE, title: 'Sealed Secrets: seal, apply, delete, restore, recover', events };
  } finally {
    await installation.stop();
    rmSync(home, { recursive: true, force: true });
  }
}
