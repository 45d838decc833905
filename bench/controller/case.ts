/** How much a controller gets to do in one run. */
export interface Case {
  /** How many SealedSecrets are created at once. */
  readonly objects: number;
  /** The items of each SealedSecret. */
  readonly values: number;
  /** The sealing keys, of 4096 bits. Each object is sealed to one of them, in turn. */
  readonly keys: number;
  /** Whether each object names its key, as with `--key-hint`. */
  readonly hint: boolean;
  /** Unrelated Secrets of 200 KiB. */
  readonly ballast: number;
  /** How many namespaces to name in `--additional-namespaces`. With 0, all namespaces are watched. */
  readonly namespaces: number;
}

const SMALL: Case = { objects: 1000, values: 1, keys: 1, hint: false, ballast: 0, namespaces: 0 };

/** The cases that `--all` runs. */
export const ALL_CASES: readonly Case[] = [
  SMALL,
  { ...SMALL, ballast: 500 },
  { ...SMALL, objects: 300, values: 5 },
  { ...SMALL, objects: 300, values: 5, keys: 12 },
  { ...SMALL, objects: 300, values: 5, keys: 60 },
  { ...SMALL, objects: 300, values: 5, keys: 60, hint: true },
  { ...SMALL, objects: 5_000 },
  { ...SMALL, objects: 10_000 },
  { ...SMALL, objects: 100, namespaces: 300 },
];

/** Names a case in tables and progress. */
export function caseName({ objects, values, keys, hint, ballast, namespaces }: Case): string {
  const parts = [
    `${objects.toLocaleString('en')} × ${values}`,
    ...(keys === 1 ? [] : [`${keys} keys`]),
    ...(hint ? ['hinted'] : []),
    ...(ballast === 0 ? [] : [`${ballast} other Secrets`]),
    ...(namespaces === 0 ? [] : [`${namespaces} namespaces`]),
  ];
  return parts.join(', ');
}
