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

/**
 * Returns a SealedSecret in its file form, with only the fields of its schema. Null occurs only for omitted items.
 */
export function sealedSecretJson(sealed: SealedSecret): Json {
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
export function secretJson(secret: Secret): JsonObject & { metadata: JsonObject } {
  return {
    kind: 'Secret',
    apiVersion: 'v1',
    metadata: metadataJson(secret.metadata),
    immutable: secret.immutable,
    data: mapJson(secret.data, base64Text),
    type: present(secret.type),
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

function templateJson(template: Template): Json {
  return {
    metadata: metadataJson(template.metadata),
    type: present(template.type),
    immutable: template.immutable,
    data: template.data.size > 0 ? mapJson(template.data, (text) => text) : undefined,
  };
}

function metadataJson(metadata: Metadata): JsonObject {
  const { labels, annotations, finalizers } = metadata;
  return {
    name: present(metadata.name),
    generateName: present(metadata.generateName),
    namespace: present(metadata.namespace),
    labels: labels.size > 0 ? mapJson(labels, (value) => value) : undefined,
    annotations: annotations.size > 0 ? mapJson(annotations, (value) => value) : undefined,
    finalizers: finalizers.length > 0 ? [...finalizers] : undefined,
  };
}

/** Sorts the entries by key, as Go does for maps. Creates own properties, so `__proto__` stays an ordinary name. */
function mapJson<T>(map: ReadonlyMap<string, T>, value: (entry: T) => Json): Json {
  const sorted = [...map].sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(sorted.map(([key, entry]) => [key, value(entry)]));
}

function present(text: string): string | undefined {
  return text === '' ? undefined : text;
}
