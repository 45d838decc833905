import { asString, isObject, wrongType } from '../shared/api/reader.ts';
import { inside, type Place } from '../shared/api/place.ts';
import { readDocuments } from '../shared/manifest/read.ts';
import { requireBytes } from './arguments.ts';
import { translating } from './errors.ts';

/** An object of a file: a Secret, a SealedSecret, or anything else. */
export interface Manifest {
  readonly apiVersion?: string | undefined;
  readonly kind?: string | undefined;
}

/** Options of `parseManifests`. */
export interface ParseManifestsOptions {
  /** The file that the text came from, for errors. Defaults to `manifests`. */
  readonly source?: string | undefined;
}

/**
 * Parses the JSON or YAML documents of a text, as Kubernetes reads them. Skips empty documents, and puts the items of a
 * `kind: List` in its place.
 *
 * Throws `NotUtf8`, `Syntax`, `TooDeep`, or `WrongType` for a document that is not an object. The message names the
 * line and column, and quotes nothing.
 *
 * @example
 * import { parseCertificate, parseManifests, seal, toYaml } from 'sealed-secrets';
 *
 * const certificate = await parseCertificate(pem);
 * for (const manifest of parseManifests(text)) {
 *   if (manifest.kind === 'Secret') console.log(toYaml(await seal(manifest, { certificate })));
 * }
 */
export function parseManifests(text: string | Uint8Array, options: ParseManifestsOptions = {}): Manifest[] {
  const { source = 'manifests' } = options;
  const bytes = requireBytes(text, 'text');
  return translating('reading manifests', () =>
    readDocuments(bytes, source).map(({ value, place }) => asManifest(value, place)),
  );
}

function asManifest(value: unknown, place: Place): Manifest {
  if (!isObject(value)) return wrongType(value, place, 'an object');
  for (const field of ['apiVersion', 'kind']) {
    const found: unknown = Object.hasOwn(value, field) ? Reflect.get(value, field) : undefined;
    if (found !== undefined && found !== null) asString(found, inside(place, field));
  }
  // Ordinary objects: those of the JSON reader have no prototype.
  return structuredClone(value);
}
