import { counted, withRest } from '../../shared/text.ts';

/** What a command did to the items of a SealedSecret, by their names. */
export interface ItemChanges {
  readonly added?: readonly string[];
  readonly replaced?: readonly string[];
  readonly removed?: readonly string[];
  /** Items that have the wanted value already. */
  readonly unchanged?: readonly string[];
  /** How many other items there are. */
  readonly untouched: number;
}

/** How to report changes. */
export interface ReportOptions {
  /** The name of the file in messages. */
  readonly source: string;
  readonly dryRun: boolean;
}

/** Returns one line about the changes of a file, such as `db.yaml: password replaced, 4 items untouched`. */
export function describeChanges(
  { added = [], replaced = [], removed = [], unchanged = [], untouched }: ItemChanges,
  { source, dryRun }: ReportOptions,
): string {
  const changed = [...words(replaced, 'replaced'), ...words(added, 'added'), ...words(removed, 'removed')];
  if (changed.length === 0) return `${source}: ${alreadySet(unchanged)}; nothing changed`;
  const kept = [
    ...words(unchanged, 'unchanged'),
    ...(untouched > 0 ? [`${counted(untouched, 'item')} untouched`] : []),
  ];
  return `${source}: ${[...changed, ...kept].join(', ')}${dryRun ? ' (dry run: the file was not changed)' : ''}`;
}

function words(items: readonly string[], what: string): readonly string[] {
  return items.length === 0 ? [] : [`${listed(items)} ${what}`];
}

function alreadySet(items: readonly string[]): string {
  return items.length === 1
    ? `${listed(items)} already has this value`
    : `${listed(items)} already have these values`;
}

/** The most names of a list in the report. */
const MAX_LISTED = 10;

/** Joins names as in a sentence: `a, b and c`. */
export function listed(items: readonly string[]): string {
  const shown = items.slice(0, MAX_LISTED);
  const rest = items.length - shown.length;
  if (rest > 0) return withRest(shown.join(', '), rest);
  return shown.length < 2 ? shown.join('') : `${shown.slice(0, -1).join(', ')} and ${shown.at(-1) ?? ''}`;
}
