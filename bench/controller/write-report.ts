import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PACKAGE } from '../../build/package.ts';
import { writePage } from '../page.ts';
import { caseName } from './case.ts';
import { plot, type Plot } from './plot.ts';
import type { Report } from './run.ts';
import { tables } from './tables.ts';

const FOLDER = join(PACKAGE, 'docs', 'performance');
const MARKS = {
  start: '<!-- figures: npm run bench:controller -- --all --write -->',
  end: '<!-- end of the figures of the controller -->',
};

/** Writes the plots and the tables of a report into docs/. */
export async function writeReport(report: Report): Promise<void> {
  mkdirSync(FOLDER, { recursive: true });
  const images = PLOTS.map(([file, title, unit, figure]) => {
    const values = report.runs.flatMap((run) => {
      const value = run.figures[figure];
      return value === undefined ? [] : [{ label: caseName(run.case), value }];
    });
    writeFileSync(join(FOLDER, file), plot({ title, unit, values }));
    return `![${title}](performance/${file})`;
  });
  await writePage([...images, tables(report)].join('\n\n'), MARKS);
}

/** The plots: file, title, unit and figure. */
const PLOTS: readonly (readonly [file: string, title: Plot['title'], unit: string, figure: string])[] = [
  ['rate.svg', 'SealedSecrets unsealed per second, created at once', 'per s', 'created.perSecond'],
  ['restart.svg', 'Restart with all synced: a new one is unsealed after', 's', 'restarted.newSecretSeconds'],
];
