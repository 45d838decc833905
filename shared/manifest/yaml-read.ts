import { constructFromEvents, YAMLException } from 'js-yaml';
import { YamlError } from './yaml-error.ts';
import { checkEvents, type YamlOptions } from './yaml-events.ts';
import { KUBERNETES_SCHEMA } from './yaml-schema.ts';
import { YamlText } from './yaml-text.ts';

/**
 * The maximum length of a text, in UTF-16 units: the parser needs a second for a few megabytes, and many times their
 * size in memory.
 */
const MAX_LENGTH = 16 * 1024 * 1024;

/** The maximum number of keys that merges (`<<`) may copy in all documents of a text. Nested merges multiply keys. */
const MAX_MERGED_KEYS = 100_000;

/** Parses all YAML documents of the text as Kubernetes does; empty documents are null. Throws `YamlError`. */
export function parseYamlDocuments(text: string, options: YamlOptions = {}): unknown[] {
  if (text.length > MAX_LENGTH)
    throw new YamlError('more than 16 MiB of YAML: use JSON, or split the file,', 1, 1);
  const parsed = new YamlText(text);
  checkEvents(parsed, options);
  try {
    return constructFromEvents(parsed.events, {
      source: parsed.source,
      schema: KUBERNETES_SCHEMA,
      maxTotalMergeKeys: MAX_MERGED_KEYS,
    });
  } catch (error) {
    throw error instanceof YAMLException ? parsed.constructionError(error) : error;
  }
}
