import {
  Composer,
  isScalar,
  Lexer,
  Parser,
  type CST,
  type Document,
  type DocumentOptions,
  type ParseOptions,
  type SchemaOptions,
  type Tags,
} from 'yaml';
import { MAX_DEPTH } from '../api/depth.ts';
import { YamlError } from './yaml-error.ts';
import { TOO_DEEP } from './yaml-words.ts';

/**
 * The nodes of YAML texts, for changes in place. js-yaml reads all YAML of this project; it keeps neither comments nor
 * the places of what it reads, so the `yaml` package stays for this alone. It sees no text that js-yaml has not accepted.
 */

/** Keys and values are strings here, but for null and booleans: an edit only asks whether a value is null. */
const READ = ['map', 'seq', 'null', 'bool', 'str', 'merge'].map((name) => `tag:yaml.org,2002:${name}`);

const OPTIONS: ParseOptions & DocumentOptions & SchemaOptions = {
  version: '1.1',
  schema: 'yaml-1.1',
  merge: true,
  uniqueKeys: true,
  prettyErrors: false,
  logLevel: 'silent',
  customTags: (tags): Tags => tags.filter((tag) => typeof tag !== 'string' && READ.includes(tag.tag)),
};

/** The documents of a text that `parseYamlDocuments` accepts, as nodes that know their place. Throws `YamlError`. */
export function parseYamlNodes(text: string): Document.Parsed[] {
  return [...new Composer(OPTIONS).compose(tokensOf(text))];
}

/** Whether a document is not empty. */
export function holdsSomething({ contents }: Document.Parsed): boolean {
  return contents !== null && !(isScalar(contents) && contents.value === null);
}

/**
 * The library's own parser, which keeps its stack in a list, up to a depth: the composer behind it is recursive, and
 * near the end of the stack V8 aborts the process rather than throw.
 */
function* tokensOf(text: string): Generator<CST.Token> {
  const parser = new Parser();
  let offset = 0;
  for (const lexeme of new Lexer().lex(text)) {
    yield* parser.next(lexeme);
    if (parser.stack.length > MAX_DEPTH && parser.stack.filter(isCollectionToken).length > MAX_DEPTH)
      throw YamlError.at(TOO_DEEP, offset, text);
    offset = parser.offset;
  }
  yield* parser.end();
}

function isCollectionToken({ type }: CST.Token): boolean {
  return type === 'block-map' || type === 'block-seq' || type === 'flow-collection';
}
