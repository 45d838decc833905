import { Reader } from '../../shared/api/reader.ts';
import type { Case } from './case.ts';
import type { Requests } from './audit-log.ts';

/** Measured values by name. A value that a controller does not have is absent. */
export type Figures = Readonly<Record<string, number>>;

/** The figures of one case with one controller. */
export interface Run {
  readonly controller: string;
  readonly case: Case;
  readonly figures: Figures;
  /** The requests of each phase. */
  readonly requests: Readonly<Record<string, Requests>>;
}

/** What one call of the bench has measured. */
export interface Report {
  readonly machine: string;
  readonly date: string;
  /** The commit of this project. */
  readonly commit: string;
  readonly runs: readonly Run[];
}

/** Reads a report that the bench has written. Throws if a field is missing. */
export function parseReport(text: string, source: string): Report {
  const report = new Reader(JSON.parse(text), { source });
  const [machine, date, commit] = ['machine', 'date', 'commit'].map((name) => report.requiredString(name));
  if (machine === undefined || date === undefined || commit === undefined) throw new Error('unreachable');
  const runs = report.list('runs').map(({ value, place }): Run => {
    const run = new Reader(value, place);
    const size = run.object('case');
    const number = (name: string): number => size?.integer(name) ?? 0;
    return {
      controller: run.requiredString('controller'),
      case: {
        objects: number('objects'),
        values: number('values'),
        keys: number('keys'),
        hint: size?.boolean('hint') ?? false,
        ballast: number('ballast'),
        namespaces: number('namespaces'),
      },
      figures: numbers(run.entries('figures')),
      requests: Object.fromEntries(
        [...run.entries('requests')].map(([phase, requests]) => [
          phase,
          numbers(new Reader({ requests }, place).entries('requests')),
        ]),
      ),
    };
  });
  return { machine, date, commit, runs };
}

function numbers(entries: ReadonlyMap<string, unknown>): Record<string, number> {
  return Object.fromEntries([...entries].map(([name, value]) => [name, Number(value)]));
}
