import { fail as failObject } from '../../shared/api/errors.ts';
import { showPlace } from '../../shared/api/place.ts';
import { isObject, Reader } from '../../shared/api/reader.ts';
import { parseSecret } from '../../shared/api/secret.ts';
import { SealedSecretsError } from '../../shared/errors.ts';
import { fail as failManifest } from '../../shared/manifest/errors.ts';
import { readDocuments, type Document } from '../../shared/manifest/read.ts';
import { scopeOf } from '../../shared/seal/scope.ts';
import { tooMuch } from './limits.ts';
import { errorAt } from './messages.ts';
import { isKeySecret } from './private-keys.ts';
import { kindOf, sealedDocuments } from './sealed-documents.ts';
import { sourceOf } from './sources.ts';
import type { ObjectSummary, Pasted, Recognized } from './types.ts';

/** Whether the name of a file says that it is YAML or JSON. */
export function isManifestName(fileName: string): boolean {
  return /\.(?:ya?ml|json)$/i.test(fileName);
}

/** A field that each manifest has, and hardly any other text: at the start of a line, or in JSON on one line. */
const KIND = /^[ \t[{,-]*["']?kind["']?[ \t]*:|[{,][ \t]*"kind"[ \t]*:/im;

/**
 * Reads a text with Secrets or with SealedSecrets. Returns undefined for any other text. Throws if the text has a kind
 * and cannot be read, or holds other objects.
 */
export function readManifest(file: Pasted, text: string): Recognized | undefined {
  const source = sourceOf(file);
  const { fileName } = file;
  if (fileName !== undefined && !isManifestName(fileName) && !KIND.test(text)) return undefined;
  const isEmpty = /^\s*$/.test(text);
  if (isEmpty && fileName === undefined) failManifest({ code: 'NoDocument', at: source, wanted: 'Secret' });
  const documents = KIND.test(text) ? readDocuments(file.bytes, source) : documentsOrNone(file);
  const [first] = documents;
  // A list in JSON was meant to be a manifest, and the words for it are kubeseal's.
  if (first !== undefined && Array.isArray(first.value) && KIND.test(text))
    parseSecret(first.value, first.place);
  if (!documents.some(isManifest)) return undefined;
  if (documents.some(isKeySecret)) return keySecret(source);
  const sealed = documents.filter((document) => kindOf(document) === 'SealedSecret');
  if (sealed.length === 0) return listed('secrets', documents.map(secretSummary));
  const secret = documents.find((document) => kindOf(document) === 'Secret');
  // Its values would stay in the file that is said to be sealed.
  if (secret !== undefined)
    failObject({ code: 'WrongKind', at: showPlace(secret.place), kind: 'Secret', wanted: 'SealedSecret' });
  return listed('sealed', sealedSummaries(file));
}

function listed(kind: 'secrets' | 'sealed', objects: readonly ObjectSummary[]): Recognized {
  const items = objects.reduce((sum, each) => sum + each.items.length, 0);
  const [message] = tooMuch({ objects: objects.length, items }, { name: 'file' });
  return message ? { kind: 'refused', message } : { kind, objects };
}

function documentsOrNone(file: Pasted): readonly Document[] {
  try {
    return readDocuments(file.bytes, sourceOf(file));
  } catch (error) {
    if (error instanceof SealedSecretsError) return [];
    throw error;
  }
}

/** A Secret may lack its kind. */
function isManifest(document: Document): boolean {
  const { value, place } = document;
  if (!isObject(value)) return false;
  const reader = new Reader(value, place);
  const isData = (name: string): boolean => isObject(reader.value(name));
  return (
    kindOf(document) !== undefined ||
    (isObject(reader.value('metadata')) && (isData('data') || isData('stringData')))
  );
}

function keySecret(source: string): Recognized {
  const text =
    `${source} holds the private key of a cluster, which opens everything that is sealed for it: give it to no page; ` +
    'load its tls.crt as a certificate';
  return { kind: 'refused', message: errorAt({ name: 'file' }, text) };
}

function secretSummary({ value, place }: Document): ObjectSummary {
  const { metadata, data } = parseSecret(value, place);
  const { name, namespace, annotations } = metadata;
  return { name, namespace, scope: scopeOf(annotations), items: [...data.keys()] };
}

function sealedSummaries(file: Pasted): readonly ObjectSummary[] {
  return sealedDocuments(file.bytes, sourceOf(file)).map(({ sealed: { metadata, encryptedData } }) => {
    const { name, namespace, annotations } = metadata;
    return { name, namespace, scope: scopeOf(annotations), items: [...encryptedData.keys()] };
  });
}
