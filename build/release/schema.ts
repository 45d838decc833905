import { Reader } from '../../shared/api/reader.ts';

/**
 * Converts the definition of a custom resource into a JSON Schema, for editors and for checkers such as kubeconform.
 * The schema rejects unknown fields, which the API server prunes.
 */
export function jsonSchema(definition: unknown): object {
  const spec = new Reader(definition, { source: 'the CustomResourceDefinition' }).object('spec');
  const version = spec?.list('versions').map(({ value, place }) => new Reader(value, place))[0];
  const openApi = version?.object('schema')?.object('openAPIV3Schema');
  if (!spec || !version || !openApi) throw new Error('the CustomResourceDefinition has no schema');
  const kind = spec.object('names')?.requiredString('kind') ?? '';
  const apiVersion = `${spec.requiredString('group')}/${version.requiredString('name')}`;
  const properties = mapped(openApi, openApi.entries('properties'));
  return {
    $schema: 'http://json-schema.org/draft-07/schema#',
    title: kind,
    ...converted(openApi),
    required: ['apiVersion', 'kind', 'metadata', ...openApi.strings('required')],
    properties: { ...properties, apiVersion: { const: apiVersion }, kind: { const: kind } },
  };
}

/** Converts a schema of OpenAPI 3.0, in Kubernetes' structural subset, into JSON Schema. */
function converted(schema: Reader): object {
  const type = schema.string('type');
  const properties = schema.entries('properties');
  const open = schema.boolean('x-kubernetes-preserve-unknown-fields') ?? false;
  const only = schema.value('additionalProperties');
  const items = schema.object('items');
  return {
    ...pick(schema, ['description', 'format', 'required', 'enum', 'pattern', 'minimum', 'maximum']),
    ...(type === undefined ? {} : { type: (schema.boolean('nullable') ?? false) ? [type, 'null'] : type }),
    ...(properties.size === 0 ? {} : { properties: mapped(schema, properties) }),
    ...(items === undefined ? {} : { items: converted(items) }),
    ...(only === undefined ? {} : { additionalProperties: additional(only, schema) }),
    ...(properties.size > 0 && only === undefined && !open ? { additionalProperties: false } : {}),
  };
}

function mapped(schema: Reader, properties: ReadonlyMap<string, unknown>): object {
  const { place } = schema;
  return Object.fromEntries(
    [...properties].map(([name, value]) => [name, converted(new Reader(value, place))]),
  );
}

function additional(only: unknown, schema: Reader): unknown {
  return typeof only === 'boolean' ? only : converted(new Reader(only, schema.at('additionalProperties')));
}

function pick(schema: Reader, names: readonly string[]): object {
  return Object.fromEntries(
    names.flatMap((name) => {
      const value = schema.value(name);
      return value === undefined ? [] : [[name, value]];
    }),
  );
}
