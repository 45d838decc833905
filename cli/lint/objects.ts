import { inside, type Place } from '../../shared/api/place.ts';
import { isObject, Reader } from '../../shared/api/reader.ts';
import { parseSealedSecret, type SealedSecret } from '../../shared/api/sealed-secret.ts';
import { failureOf, SealedSecretsError, type Failure } from '../../shared/errors.ts';
import type { Document } from '../../shared/manifest/read.ts';
import type { LintedObject } from './object.ts';

/**
 * Returns the objects among the documents of a file, and those in a list: an array, as in a file of Ansible tasks, and a
 * SealedSecretList. Other documents are of no interest.
 */
export function objectsOf(documents: readonly Document[]): readonly LintedObject[] {
  return documents.flatMap(withItems).flatMap(({ value, place }) => {
    if (!isObject(value)) return [];
    const reader = new Reader(value, place);
    const kind = textOf(reader, 'kind');
    const sealed = kind === 'SealedSecret' ? parsedSealed({ value, place }) : undefined;
    return [{ value, place, kind, apiVersion: textOf(reader, 'apiVersion'), sealed }];
  });
}

function withItems(document: Document): readonly Document[] {
  const { value, place } = document;
  if (Array.isArray(value)) return itemsOf(value, place);
  if (!isObject(value) || textOf(new Reader(value, place), 'kind') !== 'SealedSecretList') return [document];
  const items: unknown = Reflect.get(value, 'items');
  return Array.isArray(items) ? [document, ...itemsOf(items, inside(place, 'items'))] : [document];
}

function itemsOf(list: readonly unknown[], place: Place): readonly Document[] {
  return list.map((value, index) => ({ value, place: inside(place, index) }));
}

function textOf(reader: Reader, field: string): string {
  try {
    const value = reader.value(field);
    return typeof value === 'string' ? value : '';
  } catch (error) {
    // A field that is there twice, in different letter cases.
    if (error instanceof SealedSecretsError) return '';
    throw error;
  }
}

function parsedSealed({ value, place }: Document): SealedSecret | Failure {
  try {
    return parseSealedSecret(value, place);
  } catch (error) {
    return failureOf(error, 'reading a SealedSecret');
  }
}
