import { YamlError } from './yaml-error.ts';
import { checkEvents, type YamlOptions } from './yaml-events.ts';
import { YamlText } from './yaml-text.ts';
import { valuesOf } from './yaml-values.ts';

/**
 * The maximum length of a text, in UTF-16 units: the parser needs a second for a few megabytes, and many times their
 * size in memory.
 */
const MAX_LENGTH = 16 * 1024 * 1024;

/** Parses all YAML documents of the text as Kubernetes does; empty documents are null. Throws `YamlError`. */
export function parseYamlDocuments(text: string, options: YamlOptions = {}): unknown[] {
  if (text.length > MAX_LENGTH)
    throw new YamlError('more than 16 MiB of YAML: use JSON, or split the file,', 1, 1);
  const parsed = new YamlText(text);
  checkEvents(parsed, options);
  return valuesOf(parsed, options);
}
