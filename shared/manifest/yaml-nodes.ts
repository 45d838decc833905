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
 * Parses YAML into nodes for edits in place. js-yaml reads all YAML of this project but keeps neither comments nor
 * positions, so the `yaml` package is used for edits only. It never receives a text that js-yaml has not accepted.
 */

/** Reads keys and values as strings, except null and booleans: an edit only checks whether a value is null. */
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

/** Parses a text that `parseYamlDocuments` accepts into documents of nodes with positions. Throws `YamlError`. */
export function parseYamlNodes(text: string): Document.Parsed[] {
  return [...new Composer(OPTIONS).compose(tokensOf(text))];
}

/** Whether a document is not empty. */
export function holdsSomething({ contents }: Document.Parsed): boolean {
  return contents !== null && !(isScalar(contents) && contents.value === null);
}

/**
 * Runs the library's own parser, which keeps its stack in a list, up to a maximum depth. The composer that follows is
 * recursive, and near the end of the stack V8 aborts the process instead of throwing.
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
