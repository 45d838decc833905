import { SEALED_SECRET_VERSION } from '../api/kind.ts';
import type { Metadata } from '../api/metadata.ts';
import type { SealedSecret, Template } from '../api/sealed-secret.ts';
import type { Secret } from '../api/secret.ts';
import { formatJson } from './escape.ts';
import { formatYaml } from './yaml-write.ts';

export type Format = 'json' | 'yaml';

/** A plain value of the form JSON has; fields that are `undefined` are not written. */
export type Json = string | number | boolean | null | Json[] | JsonObject;
export interface JsonObject {
  [field: string]: Json | undefined;
}

/** A SealedSecret as it is written to a file: no field that its schema does not know, and null only for items that are left out. */
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

/** A Secret as it is written to a file or sent to the API server. */
export function secretJson(secret: Secret): JsonObject & { metadata: JsonObject } {
  return {
    kind: 'Secret',
    apiVersion: 'v1',
    metadata: metadataJson(secret.metadata),
    immutable: secret.immutable,
    data: mapJson(secret.data, (value) => value.toString('base64')),
    type: present(secret.type),
  };
}

/** A value as JSON or YAML gave it, to be written in the other format. */
export function asJson(value: unknown): Json {
  return JSON.parse(formatJson(value)) as Json;
}

/** Several objects, one behind the other, ending in a line break. */
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

/** By sorted key, as Go writes maps; own properties, so that `__proto__` stays a name. */
function mapJson<T>(map: ReadonlyMap<string, T>, value: (entry: T) => Json): Json {
  const sorted = [...map].sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(sorted.map(([key, entry]) => [key, value(entry)]));
}

function present(text: string): string | undefined {
  return text === '' ? undefined : text;
}
