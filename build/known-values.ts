import { isObject, Reader } from '../shared/api/reader.ts';

/**
 * The default of a value, or the values in a map. Null stands for every value whose default is neither a number nor a
 * non-empty text: booleans, lists, empty texts, and maps with keys chosen by the user.
 */
export type KnownValue = string | number | null | { readonly [name: string]: KnownValue };

/** Returns the names of all values in the chart's schema, with their defaults. */
export function knownValues(schema: Reader, defaults: Reader | undefined): KnownValue {
  const definitions = schema.object('definitions');
  const known = (node: Reader, name: string, parent: Reader | undefined): KnownValue => {
    const reference = node.string('$ref')?.replace('#/definitions/', '');
    const resolved = reference === undefined ? node : (definitions?.object(reference) ?? node);
    const properties = resolved.object('properties');
    if (properties !== undefined && resolved.value('additionalProperties') !== true) {
      return mapOf(properties, parent?.object(name));
    }
    const value = parent?.value(name);
    return typeof value === 'number' || (typeof value === 'string' && value !== '') ? value : null;
  };
  const mapOf = (properties: Reader, parent: Reader | undefined): KnownValue =>
    Object.fromEntries(
      Object.entries(properties.raw).map(([name, node]: [string, unknown]) => [
        name,
        isObject(node) ? known(new Reader(node, properties.at(name)), name, parent) : null,
      ]),
    );
  return mapOf(new Reader(schema.value('properties'), schema.at('properties')), defaults);
}
