import { parseServerMetadata, type Metadata } from './metadata.ts';
import type { Place } from './place.ts';
import { Reader } from './reader.ts';

/** A v1 ConfigMap. */
export interface ConfigMap {
  readonly metadata: Metadata;
  /** The items that are text. Those of `binaryData` are not read. */
  readonly data: ReadonlyMap<string, string>;
}

/** Parses a ConfigMap from the API server. Throws `SealedSecretsError` naming the place. */
export function parseConfigMap(document: unknown, place: Place): ConfigMap {
  const reader = new Reader(document, place);
  const metadata = parseServerMetadata(new Reader(reader.value('metadata'), reader.at('metadata')));
  return { metadata, data: reader.stringMap('data') };
}
