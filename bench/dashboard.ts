/**
 * Draws the dashboard with the metrics of a real run: `npm run picture`. Two replicas run on a real API server, with
 * SealedSecrets of which some fail and recover, and a real Prometheus scrapes them for some minutes. Its answers to the
 * queries of the dashboard become the pictures in docs/monitoring. Needs Go to build Prometheus, once, for some minutes.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROWS } from '../build/dashboard/grafana.ts';
import { buildManifests } from '../build/manifests.ts';
import { PACKAGE } from '../build/package.ts';
import { findBinaries } from '../test/control-plane/binaries.ts';
import { enterOwnNetwork } from '../test/control-plane/network.ts';
import { drawRows } from './dashboard/draw.ts';
import { Prometheus, type Answers } from './dashboard/prometheus.ts';
import { Stage } from './dashboard/stage.ts';

const FOLDER = join(PACKAGE, 'docs', 'monitoring');
/** The pictures: file, rows. */
const PICTURES = [
  ['work.svg', ROWS.slice(0, 3)],
  ['controller.svg', ROWS.slice(3)],
] as const;
const say = (line: string): void => console.error(line);

async function main(): Promise<number> {
  const tools = await findBinaries(['etcd', 'kube-apiserver', 'helm', 'prometheus'], say);
  await buildManifests(say);
  const status = await enterOwnNetwork();
  if (status !== null) return status;
  const stage = await Stage.start(say);
  try {
    const binary = tools.get('prometheus') ?? 'prometheus';
    const prometheus = await Prometheus.start(binary, stage.folder, stage.targets);
    try {
      const began = Date.now() / 1000;
      await stage.play();
      await draw(prometheus, began, Date.now() / 1000);
    } finally {
      await prometheus.stop();
    }
  } finally {
    await stage.stop();
  }
  return 0;
}

async function draw(prometheus: Prometheus, began: number, ended: number): Promise<void> {
  mkdirSync(FOLDER, { recursive: true });
  for (const [file, rows] of PICTURES) {
    const answers = new Map<string, Answers>();
    for (const { expr } of rows.flatMap(({ panels }) => panels).flatMap(({ targets }) => targets)) {
      answers.set(expr, await prometheus.ask(expr, began, ended));
    }
    writeFileSync(
      join(FOLDER, file),
      drawRows(rows, (expr) => answers.get(expr) ?? [], { began, ended }),
    );
    say(`wrote docs/monitoring/${file}`);
  }
}

process.exitCode = await main();
