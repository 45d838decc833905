import { Document, isScalar, visit, type Tags } from 'yaml';
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
    customTags: (tags): Tags => tags.filter((tag) => typeof tag === 'string' || !tag.tag.endsWith(':merge')),
    sortMapEntries: true,
    aliasDuplicateObjects: false,
  });
  visit(document, {
    Scalar(_, node) {
      if (isScalar(node) && typeof node.value === 'string' && isMisread(node.value))
        node.type = 'QUOTE_DOUBLE';
    },
  });
  // These are line breaks to one reader, forbidden to the other; where one occurs, the string is quoted by now.
  return document
    .toString({ indentSeq: false, lineWidth: 0 })
    .replace(EXOTIC, (character) => `\\u${(character.codePointAt(0) ?? 0).toString(16).padStart(4, '0')}`);
}

const EXOTIC = /[\u007f-\u009f\u2028\u2029\ufeff\ufffe\uffff]/g;
const NUMBER =
  /^[-+]?(0[xX][0-9a-fA-F]+|0[bB][01]+|0[oO][0-7]+|\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?$/;

function isMisread(text: string): boolean {
  if (text === '<<' || text.search(EXOTIC) >= 0) return true;
  // A block of lines that begins with white space.
  if (/^\s/.test(text) && text.includes('\n')) return true;
  // Go leaves out underscores anywhere in a number.
  return NUMBER.test(text.replaceAll('_', ''));
}
