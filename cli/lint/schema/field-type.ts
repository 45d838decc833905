/** What may stand in a field. */
export type FieldType = ScalarType | CollectionType;

/** A field without fields of its own. A `sealed` value and the API server's own fields have rules elsewhere. */
export interface ScalarType {
  readonly kind: 'string' | 'boolean' | 'integer' | 'time' | 'any';
  /** Whether null means something else than the absence of the field. */
  readonly nullable?: boolean;
}

/** A field with others inside. */
export type CollectionType = (
  | { readonly kind: 'object'; readonly fields: Fields; readonly unknown: UnknownFields }
  | { readonly kind: 'map' | 'list'; readonly of: FieldType }
) & { readonly nullable?: boolean };

/** The types of fields by their names. */
export type Fields = Readonly<Record<string, FieldType>>;

/** What becomes of a field that the schema does not have: kubectl refuses it, or the controller ignores it. */
export type UnknownFields = 'refused' | 'ignored';
