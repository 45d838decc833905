import { utf8Text } from '../bytes.ts';

// The API server's rules for the data of Secrets with a built-in type.

/** Data by item; undefined if the item exists and its value is unknown. */
export type KnownData = ReadonlyMap<string, Uint8Array | undefined>;

type Check = (data: KnownData) => string | undefined;

const CHECKS: ReadonlyMap<string, Check> = new Map([
  ['kubernetes.io/dockerconfigjson', (data) => needsJson(data, '.dockerconfigjson')],
  ['kubernetes.io/dockercfg', (data) => needsJson(data, '.dockercfg')],
  ['kubernetes.io/tls', (data) => needsAll(data, ['tls.crt', 'tls.key'])],
  ['kubernetes.io/basic-auth', (data) => needsOne(data, ['username', 'password'])],
  ['kubernetes.io/ssh-auth', (data) => needsContent(data, 'ssh-privatekey')],
]);

/** The items that the built-in types require. */
export const TYPE_ITEMS: readonly string[] = [
  '.dockerconfigjson',
  '.dockercfg',
  'tls.crt',
  'tls.key',
  'username',
  'password',
  'ssh-privatekey',
];

/**
 * Returns why the API server will refuse the data for the type; undefined if it accepts the data or that is unknown.
 * The text holds no value. Follows `ValidateSecret` of Kubernetes.
 */
export function typeProblem(type: string, data: KnownData): string | undefined {
  const problem = CHECKS.get(type)?.(data);
  return problem === undefined ? undefined : `a Secret of type ${type} needs ${problem}`;
}

function needsAll(data: KnownData, items: readonly string[]): string | undefined {
  const missing = items.filter((item) => !data.has(item));
  if (missing.length === 0) return undefined;
  return missing.length === 1 ? `the item ${missing.join('')}` : `the items ${missing.join(' and ')}`;
}

function needsOne(data: KnownData, items: readonly string[]): string | undefined {
  return items.some((item) => data.has(item)) ? undefined : `the item ${items.join(' or ')}`;
}

function needsContent(data: KnownData, item: string): string | undefined {
  if (!data.has(item)) return `the item ${item}`;
  return data.get(item)?.length === 0 ? `an item ${item} that is not empty` : undefined;
}

function needsJson(data: KnownData, item: string): string | undefined {
  if (!data.has(item)) return `the item ${item}`;
  const bytes = data.get(item);
  return bytes === undefined || isJsonObject(bytes) ? undefined : `a JSON object in the item ${item}`;
}

/** Accepts `null`, which Go decodes into a map. Does not find numbers that are too large for Go. */
function isJsonObject(bytes: Uint8Array): boolean {
  try {
    const value: unknown = JSON.parse(utf8Text(bytes));
    return typeof value === 'object' && !Array.isArray(value);
  } catch {
    return false;
  }
}
