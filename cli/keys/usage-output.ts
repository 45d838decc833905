import type { Json } from '../../shared/manifest/write.ts';
import type { RecordedKey } from '../../shared/key-record/record.ts';
import { counted } from '../../shared/text.ts';
import { countByKey, countUnknown, NO_COUNT } from './counts.ts';
import type { Evidence } from './evidence.ts';
import type { KeyUses } from './read-uses.ts';
import type { SealedObject } from './sealed-objects.ts';
import { shortFingerprint, shownPlace, table } from './table.ts';

/** An object in the cluster and in files, side by side. */
interface UsageRow {
  readonly namespace: string;
  readonly name: string;
  readonly cluster: Evidence | undefined;
  /** Undefined if no file has it. An object that several files have has a row for each of them. */
  readonly file: SealedObject | undefined;
}

/** Puts objects of the same namespace and name side by side, in their order. */
function usageRows({ cluster = [], files = [] }: KeyUses): readonly UsageRow[] {
  const inFiles = new Map<string, SealedObject[]>();
  for (const object of files) inFiles.set(idOf(object), [...(inFiles.get(idOf(object)) ?? []), object]);
  const inCluster = new Map(cluster.map((object) => [idOf(object), object]));
  const ids = [...new Set([...inCluster.keys(), ...inFiles.keys()])].sort();
  return ids.flatMap((id) => {
    const stored = inCluster.get(id);
    const copies = inFiles.get(id) ?? [undefined];
    return copies.map((file) => ({
      namespace: (stored ?? file)?.namespace ?? '',
      name: (stored ?? file)?.name ?? '',
      cluster: stored?.evidence,
      file,
    }));
  });
}

function idOf({ namespace, name }: SealedObject): string {
  return `${namespace}\0${name}`;
}

/** Returns which key sealed which object, as a table for each question: by key, and by object. */
export function usageText(keys: readonly RecordedKey[], uses: KeyUses): string {
  const names = new Map(keys.map(({ fingerprint, name }) => [fingerprint, name]));
  const nameOf = (key: Evidence['keys'][number]): string =>
    names.get(key) ?? `${shortFingerprint(key)} (not in the cluster)`;
  const words = (evidence: Evidence | undefined): string => {
    if (evidence === undefined) return '-';
    const { grade, keys: of } = evidence;
    if (grade === 'unknown') return `unknown: ${possibleWords(of.map(nameOf))}`;
    return `${of.map(nameOf).join(' + ') || 'no items'}: ${grade}`;
  };
  const rows = usageRows(uses).map(({ namespace, name, cluster, file }) => [
    shownPlace({ namespace, name }),
    words(cluster),
    ...(uses.files === undefined ? [] : [words(file?.evidence), file?.file ?? '-']),
  ]);
  const header = ['OBJECT', 'IN CLUSTER', ...(uses.files === undefined ? [] : ['IN FILES', 'FILE'])];
  return `${keyTable(keys, uses)}\n${table([header, ...rows])}`;
}

/** The most possible keys that are named. */
const MAX_POSSIBLE = 3;

function possibleWords(names: readonly string[]): string {
  if (names.length === 0) return 'no key fits';
  return names.length > MAX_POSSIBLE ? `one of ${names.length} keys` : `perhaps ${names.join(' or ')}`;
}

function keyTable(keys: readonly RecordedKey[], { cluster, files }: KeyUses): string {
  const places = [
    ...(cluster === undefined ? [] : [{ where: 'CLUSTER', objects: cluster }]),
    ...(files === undefined ? [] : [{ where: 'FILES', objects: files }]),
  ].map(({ where, objects }) => ({ where, counts: countByKey(objects), objects }));
  const header = [
    'KEY',
    'FINGERPRINT',
    'STATE',
    ...places.flatMap(({ where }) => [`${where}: PROVEN`, 'CLAIMED', 'PERHAPS']),
  ];
  const rows = keys.map(({ name, fingerprint, state }) => [
    name,
    shortFingerprint(fingerprint),
    state,
    ...places.flatMap(({ counts }) => {
      const { proven, claimed, possible } = counts.get(fingerprint) ?? NO_COUNT;
      return [proven, claimed, possible].map(String);
    }),
  ]);
  return table([header, ...rows]);
}

/** Returns what is proven, claimed and unknown, as a line for each place. */
export function usageSummary({ cluster, files }: KeyUses): readonly string[] {
  return [
    ...(cluster === undefined ? [] : [summaryOf('in the cluster', cluster)]),
    ...(files === undefined ? [] : [summaryOf('in files', files)]),
  ];
}

function summaryOf(where: string, objects: readonly SealedObject[]): string {
  const count = (grade: Evidence['grade']): number =>
    objects.filter(({ evidence }) => evidence.grade === grade).length;
  return (
    `${counted(objects.length, 'SealedSecret')} ${where}: ${count('proven')} proven (the controller opened them), ` +
    `${count('claimed')} claimed (by their annotation), ${countUnknown(objects)} unknown`
  );
}

/** Returns usage as the output of `-o json` and `-o yaml`. */
export function usageJson(keys: readonly RecordedKey[], uses: KeyUses): Json {
  const entry = ({ grade, keys: of }: Evidence): { evidence: string; keys: Json[] } => ({
    evidence: grade,
    keys: [...of],
  });
  return {
    keys: keys.map(({ name, fingerprint, state }) => ({ name, fingerprint, state })),
    objects: usageRows(uses).map(({ namespace, name, cluster, file }) => ({
      namespace,
      name,
      cluster: cluster && entry(cluster),
      file: file && { path: file.file ?? '', ...entry(file.evidence) },
    })),
  };
}
