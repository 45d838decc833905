import { caseName } from './case.ts';
import type { Report, Run } from './run.ts';

/** A column: its title, the figure, and how many digits to show after the point. */
type Column = readonly [title: string, figure: string, digits: number];

/** The tables, by what they show. */
const TABLES: readonly (readonly [title: string, columns: readonly Column[]])[] = [
  [
    'Created at once, until all are synced',
    [
      ['per second', 'created.perSecond', 0],
      ['seconds', 'created.seconds', 1],
      ['posted in, s', 'created.postedSeconds', 1],
      ['requests each', 'created.requestsEach', 2],
      ['controller CPU, s', 'created.controllerCpu', 1],
      ['API server and etcd CPU, s', 'created.serverCpu', 1],
      ['bench CPU, s', 'created.benchCpu', 1],
      ['event loop p99, ms', 'created.loopDelayMs', 0],
    ],
  ],
  [
    'Restart after all Secrets were lost, until all are back',
    [
      ['per second', 'lost.perSecond', 0],
      ['seconds', 'lost.seconds', 1],
      ['controller CPU, s', 'lost.controllerCpu', 1],
      ['API server and etcd CPU, s', 'lost.serverCpu', 1],
    ],
  ],
  [
    'Restart with all synced, and one new SealedSecret',
    [
      ['its Secret after, s', 'restarted.newSecretSeconds', 2],
      ['at rest after, s', 'restarted.seconds', 1],
      ['requests', 'restarted.requests', 0],
      ['writes', 'restarted.writes', 0],
      ['private operations', 'restarted.privateOperations', 0],
      ['controller CPU, s', 'restarted.controllerCpu', 1],
      ['oldest new waiting p99, s', 'restarted.oldestP99Seconds', 2],
      ['event loop p99, ms', 'restarted.loopDelayMs', 0],
    ],
  ],
  [
    'Memory in MiB: anonymous and kernel (RSS)',
    [
      ['idle, none', 'started.idle', 0],
      ['created, peak', 'created.peak', 0],
      ['created, then idle', 'created.idle', 0],
      ['lost, peak', 'lost.peak', 0],
      ['restart, peak', 'restarted.peak', 0],
      ['restart, then idle', 'restarted.idle', 0],
    ],
  ],
];

/** Returns all tables as Markdown. */
export function tables({ machine, date, commit, runs }: Report): string {
  const several = new Set(runs.map(({ controller }) => controller)).size > 1;
  const parts = TABLES.map(([title, columns]) => {
    const head = ['case', ...(several ? ['controller'] : []), ...columns.map(([name]) => name)];
    const lines = runs.map((run) => [
      caseName(run.case),
      ...(several ? [run.controller] : []),
      ...columns.map((column) => cell(run, column)),
    ]);
    return [`### ${title}`, '', line(head), line(head.map(() => '---')), ...lines.map(line)].join('\n');
  });
  return [`Measured on ${machine}; ${date}, ${commit}.`, ...parts, requestTable(runs, several)].join('\n\n');
}

function cell({ figures }: Run, [, figure, digits]: Column): string {
  const [group, rss] = [figures[`${figure}MiB`], figures[`${figure}RssMiB`]];
  if (group !== undefined && rss !== undefined) return `${group.toFixed(digits)} (${rss.toFixed(digits)})`;
  return figures[figure]?.toFixed(digits) ?? '';
}

/** Returns the requests of each phase, in the first case that each controller had. */
function requestTable(runs: readonly Run[], several: boolean): string {
  const first = runs.filter(
    ({ controller }, index) => runs.findIndex((each) => each.controller === controller) === index,
  );
  const phases = ['created', 'lost', 'restarted'];
  const titles = first.flatMap(({ controller }) =>
    phases.map((phase) => (several ? `${controller}: ${phase}` : phase)),
  );
  const columns = first.flatMap(({ requests }) => phases.map((phase) => requests[phase] ?? {}));
  const names = [...new Set(columns.flatMap((each) => Object.keys(each)))].sort();
  const head = ['request', ...titles];
  const rows = names.map((name) => [name, ...columns.map((each) => String(each[name] ?? 0))]);
  const [about] = first.map((run) => caseName(run.case));
  return [
    `### Requests by verb and resource, ${about ?? ''}`,
    '',
    line(head),
    line(head.map(() => '---')),
    ...rows.map(line),
  ].join('\n');
}

function line(cells: readonly string[]): string {
  return `| ${cells.join(' | ')} |`;
}
