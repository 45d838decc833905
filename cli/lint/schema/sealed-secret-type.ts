import type { CollectionType, Fields, FieldType } from './field-type.ts';

const STRING: FieldType = { kind: 'string' };
const ANY: FieldType = { kind: 'any', nullable: true };
const BOOLEAN: FieldType = { kind: 'boolean', nullable: true };
const TIME: FieldType = { kind: 'time' };
const STRINGS: FieldType = { kind: 'map', of: STRING, nullable: true };

const OWNER: Fields = {
  apiVersion: STRING,
  kind: STRING,
  name: STRING,
  uid: STRING,
  controller: BOOLEAN,
  blockOwnerDeletion: BOOLEAN,
};

const METADATA: Fields = {
  name: STRING,
  generateName: STRING,
  namespace: STRING,
  labels: STRINGS,
  annotations: STRINGS,
  finalizers: { kind: 'list', of: STRING, nullable: true },
  creationTimestamp: TIME,
  deletionTimestamp: TIME,
  deletionGracePeriodSeconds: { kind: 'integer' },
  generation: { kind: 'integer' },
  resourceVersion: STRING,
  selfLink: STRING,
  uid: STRING,
  managedFields: { kind: 'list', of: { kind: 'map', of: ANY }, nullable: true },
  ownerReferences: {
    kind: 'list',
    of: { kind: 'object', unknown: 'refused', fields: OWNER },
    nullable: true,
  },
};

/**
 * The fields of a SealedSecret in a file, as the CustomResourceDefinition has them; a test compares the two. It is
 * stricter in one thing: the definition lets every value of `encryptedData` pass, and the template's metadata, so that
 * a mistake there shows in the status of the object.
 */
export const SEALED_SECRET_TYPE: CollectionType = {
  kind: 'object',
  unknown: 'refused',
  fields: {
    apiVersion: STRING,
    kind: STRING,
    metadata: { kind: 'object', unknown: 'refused', fields: METADATA },
    spec: {
      kind: 'object',
      unknown: 'refused',
      fields: {
        // The values have a check of their own.
        encryptedData: { kind: 'map', of: ANY, nullable: true },
        data: { kind: 'string', nullable: true },
        template: {
          kind: 'object',
          unknown: 'refused',
          nullable: true,
          fields: {
            metadata: { kind: 'object', unknown: 'ignored', fields: METADATA, nullable: true },
            type: STRING,
            immutable: BOOLEAN,
            data: { kind: 'map', of: { kind: 'string', nullable: true }, nullable: true },
          },
        },
      },
    },
    // The controller writes it, and the API server ignores it in a file.
    status: ANY,
  },
};
