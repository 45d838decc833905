import { Document, isScalar, visit, type Tags } from 'yaml';
import { stringifyString } from 'yaml/util';
import { needsEscape, quoteYaml } from './escape.ts';
import { formatPlainYaml } from './plain-yaml-write.ts';

/**
 * Writes a value as YAML: keys sorted, lists not indented, no line folded. Every string is quoted that Go's decoder,
 * which Kubernetes uses, would read as something else: it knows more numbers than YAML 1.1 does (`0o17`, `+_1`).
 */
export function formatYaml(value: unknown): string {
  return formatPlainYaml(value) ?? formatAnyYaml(value);
}

/** The same, by the library alone, which is slow. */
export function formatAnyYaml(value: unknown): string {
  const document = new Document(value, {
    version: '1.1',
    schema: 'yaml-1.1',
    customTags: (tags): Tags => tags.filter((tag) => !isTag(tag, 'merge')).map(withEscapes),
    sortMapEntries: true,
    aliasDuplicateObjects: false,
  });
  visit(document, {
    Scalar(_, node) {
      if (isScalar(node) && typeof node.value === 'string' && isMisread(node.value))
        node.type = 'QUOTE_DOUBLE';
    },
  });
  return document.toString({ indentSeq: false, lineWidth: 0 });
}

type Tag = Tags[number];

function isTag(tag: Tag, name: string): boolean {
  return typeof tag !== 'string' && tag.tag === `tag:yaml.org,2002:${name}`;
}

/** Writes a string that needs escapes by itself, so that the library sees how long a key becomes. */
function withEscapes(tag: Tag): Tag {
  if (typeof tag === 'string' || tag.collection !== undefined || !isTag(tag, 'str')) return tag;
  const { stringify = stringifyString } = tag;
  return {
    ...tag,
    stringify: (item, ...rest) =>
      typeof item.value === 'string' && needsEscape(item.value)
        ? quoteYaml(item.value)
        : stringify(item, ...rest),
  };
}

const NUMBER =
  /^[-+]?(0[xX][0-9a-fA-F]+|0[bB][-+]?[01]+|0[oO][0-7]+|\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?$/;

function isMisread(text: string): boolean {
  // To YAML 1.1, `=` is the default value of a map.
  if (text === '<<' || text === '=') return true;
  // A block of lines that begins with white space.
  if (/^\s/.test(text) && text.includes('\n')) return true;
  // Go leaves out underscores anywhere in a number.
  return NUMBER.test(text.replaceAll('_', ''));
}
