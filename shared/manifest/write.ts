import { SEALED_SECRET_VERSION } from '../api/kind.ts';
import type { Metadata } from '../api/metadata.ts';
import type { SealedSecret, Template } from '../api/sealed-secret.ts';
import type { Secret } from '../api/secret.ts';
import { base64Text } from '../bytes.ts';
import { formatJson } from './escape.ts';
import { formatYaml } from './yaml-write.ts';

/** The output formats. */
export type Format = 'json' | 'yaml';

/** A value that JSON can represent. Fields that are `undefined` are omitted from the output. */
export type Json = string | number | boolean | null | Json[] | JsonObject;
/** A JSON object whose `undefined` fields are omitted from the output. */
export interface JsonObject {
  [field: string]: Json | undefined;
}

/** The metadata of an object in a file. */
interface MetadataJson extends JsonObject {
  name?: string;
  generateName?: string;
  namespace?: string;
  labels?: Record<string, string>;
  annotations?: Record<string, string>;
  finalizers?: string[];
}

/** A Secret without its encrypted items, in a file. */
interface TemplateJson extends JsonObject {
  metadata: MetadataJson;
  type?: string;
  immutable?: boolean;
  data?: Record<string, string | null>;
}

/** A SealedSecret in a file. */
interface SealedSecretJson extends JsonObject {
  kind: 'SealedSecret';
  apiVersion: typeof SEALED_SECRET_VERSION;
  metadata: MetadataJson;
  spec: { template: TemplateJson; encryptedData: Record<string, string> };
}

/** A Secret in a file, and for the API server. */
interface SecretJson extends JsonObject {
  kind: 'Secret';
  apiVersion: 'v1';
  metadata: MetadataJson;
  immutable?: boolean;
  data: Record<string, string>;
  type?: string;
}

/**
 * Returns a SealedSecret in its file form, with only the fields of its schema. Null occurs only for omitted items.
 */
export function sealedSecretJson(sealed: SealedSecret): SealedSecretJson {
  return {
    kind: 'SealedSecret',
    apiVersion: SEALED_SECRET_VERSION,
    metadata: metadataJson(sealed.metadata),
    spec: {
      template: templateJson(sealed.template),
      encryptedData: mapJson(sealed.encryptedData, (value) => value ?? ''),
    },
  };
}

/** Returns a Secret in the form for files and the API server. */
export function secretJson({ metadata, type, immutable, data }: Secret): SecretJson {
  return {
    kind: 'Secret',
    apiVersion: 'v1',
    metadata: metadataJson(metadata),
    ...(immutable === undefined ? {} : { immutable }),
    data: mapJson(data, base64Text),
    ...(type === '' ? {} : { type }),
  };
}

/** Converts a parsed JSON or YAML value so that it can be written in the other format. */
export function asJson(value: unknown): Json {
  return JSON.parse(formatJson(value)) as Json;
}

/** Formats objects as consecutive documents that end with a line break. */
export function formatDocuments(objects: readonly Json[], format: Format): string {
  if (format === 'json') return objects.map((object) => `${formatJson(object, 2)}\n`).join('');
  return objects.map((object) => `---\n${formatYaml(object)}`).join('');
}

function templateJson({ metadata, type, immutable, data }: Template): TemplateJson {
  return {
    metadata: metadataJson(metadata),
    ...(type === '' ? {} : { type }),
    ...(immutable === undefined ? {} : { immutable }),
    ...(data.size === 0 ? {} : { data: mapJson(data, (text) => text) }),
  };
}

function metadataJson(metadata: Metadata): MetadataJson {
  const { name, generateName, namespace, labels, annotations, finalizers } = metadata;
  return {
    ...(name === '' ? {} : { name }),
    ...(generateName === '' ? {} : { generateName }),
    ...(namespace === '' ? {} : { namespace }),
    ...(labels.size === 0 ? {} : { labels: mapJson(labels, (value) => value) }),
    ...(annotations.size === 0 ? {} : { annotations: mapJson(annotations, (value) => value) }),
    ...(finalizers.length === 0 ? {} : { finalizers: [...finalizers] }),
  };
}

/** Sorts the entries by key, as Go does for maps. Creates own properties, so `__proto__` stays an ordinary name. */
function mapJson<T, U>(map: ReadonlyMap<string, T>, value: (entry: T) => U): Record<string, U> {
  const sorted = [...map].sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(sorted.map(([key, entry]) => [key, value(entry)]));
}
