import {
  Composer,
  isAlias,
  isScalar,
  Lexer,
  LineCounter,
  Parser,
  visit,
  type CST,
  type Document,
  type DocumentOptions,
  type ParseOptions,
  type SchemaOptions,
  type Tags,
} from 'yaml';
import { MAX_DEPTH } from '../api/depth.ts';
import { Aliases } from './aliases.ts';
import { isCanonicalKey, NUMBER_TAGS } from './go-numbers.ts';
import { YamlError } from './yaml-error.ts';
import { TOO_DEEP, YAML_WORDS } from './yaml-words.ts';

/** YAML as Kubernetes reads it: version 1.1 by the rules of Go's decoder. */

/** Go reads dates and base-60 numbers as plain strings; tags that make other objects are refused. */
const NOT_READ = ['timestamp', 'intTime', 'floatTime', 'binary', 'omap', 'pairs', 'set'];

const OPTIONS: ParseOptions & DocumentOptions & SchemaOptions = {
  version: '1.1',
  schema: 'yaml-1.1',
  merge: true,
  uniqueKeys: true,
  prettyErrors: false,
  logLevel: 'silent',
  customTags: (tags): Tags => [
    ...tags.filter((tag) => typeof tag !== 'string' && !isNotRead(tag) && !isNumber(tag)),
    ...NUMBER_TAGS,
  ],
};

export interface YamlOptions {
  /** Whether anchors and aliases are read; true by default. Aliases multiply what they stand for. */
  readonly anchors?: boolean;
}

/** All YAML documents of the text; an empty one is null. Throws `YamlError`. */
export function parseYamlDocuments(text: string, { anchors = true }: YamlOptions = {}): unknown[] {
  const lines = new LineCounter();
  const aliases = new Aliases(lines);
  return parsed(text, lines).map((document) => {
    // A warning is a tag that is not known: what kubectl refuses, we do not guess at.
    const problem = document.errors[0] ?? document.warnings[0];
    if (problem !== undefined) throw errorAt(YAML_WORDS[problem.code], problem.pos[0], lines);
    aliases.check(document);
    refuseOddKeys(document, lines);
    if (!anchors) refuseAnchors(document, lines);
    try {
      // They are counted above.
      return document.toJS({ maxAliasCount: -1 }) as unknown;
    } catch {
      throw new YamlError('a merge key (<<) is not given a map, or a list of maps,', 1, 1);
    }
  });
}

/** The documents of a text that `parseYamlDocuments` accepts, as nodes that know their place in it. */
export function parseYamlNodes(text: string): Document.Parsed[] {
  return parsed(text, new LineCounter());
}

/** In UTF-16 units: the parser takes a second for some megabytes, and memory for each of them many times over. */
const MAX_LENGTH = 16 * 1024 * 1024;

function parsed(text: string, lineCounter: LineCounter): Document.Parsed[] {
  if (text.length > MAX_LENGTH)
    throw new YamlError('more than 16 MiB of YAML: give JSON, or less at once,', 1, 1);
  const composer = new Composer({ ...OPTIONS, lineCounter });
  const documents = [...composer.compose(tokensOf(text, lineCounter))];
  for (const document of documents) readKeys(document);
  return documents;
}

/**
 * The library's own parser, which keeps its stack in a list, up to a depth: the composer behind it is recursive, and
 * near the end of the stack V8 aborts the process rather than throw.
 */
function* tokensOf(text: string, lines: LineCounter): Generator<CST.Token> {
  const parser = new Parser(lines.addNewLine);
  lines.addNewLine(0);
  let offset = 0;
  for (const lexeme of new Lexer().lex(text)) {
    yield* parser.next(lexeme);
    if (parser.stack.length > MAX_DEPTH && parser.stack.filter(isCollectionToken).length > MAX_DEPTH) {
      throw errorAt(TOO_DEEP, offset, lines);
    }
    offset = parser.offset;
  }
  yield* parser.end();
}

function isCollectionToken({ type }: CST.Token): boolean {
  return type === 'block-map' || type === 'block-seq' || type === 'flow-collection';
}

/** Makes a key that is a number its text, where there is one text that it stands for. */
function readKeys(document: Document.Parsed): void {
  visit(document, {
    Pair(_, { key }) {
      if (
        !isScalar(key) ||
        typeof key.value !== 'number' ||
        key.anchor !== undefined ||
        key.tag !== undefined
      )
        return;
      if (key.source !== undefined && isCanonicalKey(key.source)) key.value = key.source;
    },
  });
}

/** A bare `on` or `0123` as a key would become `true` or `83`. */
function refuseOddKeys(document: Document.Parsed, lines: LineCounter): void {
  visit(document, {
    Map(_, { items }) {
      const names = new Set<unknown>();
      for (const { key } of items) {
        const offset = isScalar(key) ? key.range?.[0] : undefined;
        // The library reads `<<` as a symbol.
        if (!isScalar(key) || (typeof key.value !== 'string' && typeof key.value !== 'symbol'))
          throw errorAt('a key is not a string: put it in quotes,', offset ?? 0, lines);
        // To the library, 1 and "1" differ.
        if (typeof key.value === 'string' && names.has(key.value))
          throw errorAt('a key is given twice', offset ?? 0, lines);
        names.add(key.value);
      }
    },
    Scalar(_, { tag, value, range }) {
      if (tag !== undefined && NUMBER_NAME.test(tag) && typeof value !== 'number')
        throw errorAt(YAML_WORDS.TAG_RESOLVE_FAILED, range?.[0] ?? 0, lines);
    },
  });
}

function refuseAnchors(document: Document.Parsed, lines: LineCounter): void {
  visit(document, {
    Node(_, node) {
      if (!isAlias(node) && node.anchor === undefined) return;
      throw errorAt('anchors and aliases are not allowed', node.range?.[0] ?? 0, lines);
    },
  });
}

function errorAt(problem: string, offset: number, lines: LineCounter): YamlError {
  return YamlError.at(problem, offset, lines);
}

function isNotRead(tag: { tag: string; format?: string | undefined }): boolean {
  const name = tag.tag.replace('tag:yaml.org,2002:', '');
  return NOT_READ.includes(name) || (tag.format === 'TIME' && (name === 'int' || name === 'float'));
}

/** The tags that `NUMBER_TAGS` replaces: all but that of infinities and of what is not a number. */
function isNumber(tag: Tags[number]): boolean {
  if (typeof tag === 'string' || tag.collection !== undefined) return false;
  return NUMBER_NAME.test(tag.tag) && !tag.test?.source.includes('inf');
}

const NUMBER_NAME = /^tag:yaml\.org,2002:(int|float)$/;
