import type { Finding } from './problem.ts';
import type { Severity } from './rules.ts';

/** The most findings of one file that a report lists. */
export const MAX_FILE_FINDINGS = 1000;

/** The most findings of all files that a report lists: as many as GitHub accepts in SARIF. */
export const MAX_FINDINGS = 25_000;

/** How many findings of a file a report does not list. */
export interface Omitted {
  readonly file: string;
  readonly counts: Readonly<Record<Severity, number>>;
}

/** The findings that a report lists, and how many others there are. */
export interface ListedFindings {
  readonly findings: readonly Finding[];
  /** One for each file with findings that are not listed. */
  readonly omitted: readonly Omitted[];
}

/** Keeps the first findings, and counts the others. */
export class FindingList {
  readonly #max: number;
  readonly #findings: Finding[] = [];
  readonly #omitted = new Map<string, Record<Severity, number>>();

  constructor(max: number) {
    this.#max = max;
  }

  /** Adds a finding. */
  add(finding: Finding): void {
    if (this.#findings.length < this.#max) this.#findings.push(finding);
    else this.#countsOf(finding.file)[finding.severity]++;
  }

  /** Adds the findings of a list, those that it does not list included. */
  addList({ findings, omitted }: ListedFindings): void {
    for (const finding of findings) this.add(finding);
    for (const { file, counts } of omitted) {
      const own = this.#countsOf(file);
      own.error += counts.error;
      own.warning += counts.warning;
      own.note += counts.note;
    }
  }

  /** Returns what was added. */
  listed(): ListedFindings {
    const omitted = [...this.#omitted].map(([file, counts]) => ({ file, counts }));
    return { findings: this.#findings, omitted };
  }

  #countsOf(file: string): Record<Severity, number> {
    const counts = this.#omitted.get(file) ?? { error: 0, warning: 0, note: 0 };
    this.#omitted.set(file, counts);
    return counts;
  }
}

/** Returns how many findings of a severity there are, those that are not listed included. */
export function countOf(severity: Severity, { findings, omitted }: ListedFindings): number {
  const listed = findings.filter((finding) => finding.severity === severity).length;
  return omitted.reduce((sum, { counts }) => sum + counts[severity], listed);
}
