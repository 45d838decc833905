import { parseAllDocuments, type DocumentOptions, type ParseOptions, type SchemaOptions } from 'yaml';
import type { Tags } from 'yaml';

/** YAML as Kubernetes reads it: version 1.1 by the rules of Go's decoder. */

/** What is wrong with a YAML text, and where. Never the text itself. */
export class YamlError extends Error {
  readonly line: number;
  readonly column: number;

  constructor(problem: string, line: number, column: number) {
    super(problem);
    this.line = line;
    this.column = column;
  }
}

const MAX_ALIASES = 100;

/** Go reads dates and base-60 numbers as plain strings; tags that make other objects are refused. */
const NOT_READ = ['timestamp', 'intTime', 'floatTime', 'binary', 'omap', 'pairs', 'set'];

const OPTIONS: ParseOptions & DocumentOptions & SchemaOptions & { prettyErrors: boolean } = {
  version: '1.1',
  schema: 'yaml-1.1',
  merge: true,
  uniqueKeys: true,
  stringKeys: false,
  prettyErrors: true,
  logLevel: 'silent',
  customTags: (tags): Tags => tags.filter((tag) => typeof tag !== 'string' && !isNotRead(tag)),
};

/** All YAML documents of the text; an empty one is null. Throws `YamlError`. */
export function parseYamlDocuments(text: string): unknown[] {
  const documents = parseAllDocuments(text, OPTIONS);
  if ('empty' in documents) return [];
  return documents.map((document) => {
    // A warning is a tag that is not known: what kubectl refuses, we do not guess at.
    const problem = document.errors[0] ?? document.warnings[0];
    if (problem !== undefined) {
      const position = problem.linePos?.[0] ?? { line: 1, col: 1 };
      throw new YamlError(words(problem.code), position.line, position.col);
    }
    try {
      return document.toJS({ maxAliasCount: MAX_ALIASES }) as unknown;
    } catch {
      throw new YamlError('an alias is unknown, or aliases multiply', 1, 1);
    }
  });
}

function isNotRead(tag: { tag: string; format?: string | undefined }): boolean {
  const name = tag.tag.replace('tag:yaml.org,2002:', '');
  return NOT_READ.includes(name) || (tag.format === 'TIME' && (name === 'int' || name === 'float'));
}

/** Our words for the library's error codes: its own messages quote the input. */
function words(code: string): string {
  switch (code) {
    case 'DUPLICATE_KEY':
      return 'a key is given twice';
    case 'TAB_AS_INDENT':
      return 'a tab is used as indentation';
    case 'BAD_INDENT':
      return 'the indentation does not fit';
    case 'TAG_RESOLVE_FAILED':
      return 'a tag (!…) is not supported';
    case 'MISSING_CHAR':
      return 'a character is missing (a quote, bracket or comma)';
    default:
      return code.toLowerCase().replaceAll('_', ' ');
  }
}
