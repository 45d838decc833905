import {
  boolYaml11Tag,
  constructFromEvents,
  defineMappingTag,
  defineScalarTag,
  mapTag,
  mergeTag,
  NOT_RESOLVED,
  nullYaml11Tag,
  Schema,
  seqTag,
  strTag,
  YAMLException,
} from 'js-yaml';
import { goInteger, goNumber } from '../../shared/manifest/go-numbers.ts';
import { checkEvents } from '../../shared/manifest/yaml-events.ts';
import { YamlText } from '../../shared/manifest/yaml-text.ts';
import { YAML_WORDS } from '../../shared/manifest/yaml-words.ts';

/**
 * The values of documents as js-yaml makes them, with a schema of the same rules: they are compared with those that the
 * project makes of the same events.
 */

const PREFIX = 'tag:yaml.org,2002:';

const INFINITE: ReadonlyMap<string, number> = new Map(
  ['inf', 'Inf', 'INF'].flatMap((name) => [
    [`.${name}`, Infinity],
    [`+.${name}`, Infinity],
    [`-.${name}`, -Infinity],
  ]),
);
const DIGITS = Array.from({ length: 10 }, (_, digit) => String(digit));
const NOT_A_NUMBER = /^\.(?:nan|NaN|NAN)$/;

/** Resolves untagged scalars to numbers, including integers. */
const floatTag = defineScalarTag(`${PREFIX}float`, {
  implicit: true,
  implicitFirstChars: ['-', '+', '.', ...DIGITS],
  resolve: (text) => goNumber(text) ?? INFINITE.get(text) ?? (NOT_A_NUMBER.test(text) ? NaN : NOT_RESOLVED),
  identify: () => false,
});

const intTag = defineScalarTag(`${PREFIX}int`, {
  resolve: (text) => goInteger(text) ?? NOT_RESOLVED,
  identify: () => false,
});

/** Accepts only string keys: a bare `on` or `0123` would otherwise become `true` or `83`. */
const stringMapTag = defineMappingTag(`${PREFIX}map`, {
  ...mapTag,
  addPair: (map, key, value) =>
    typeof key === 'string' ? mapTag.addPair(map, key, value) : YAML_WORDS.NON_STRING_KEY,
  has: (map, key) => typeof key === 'string' && mapTag.has(map, key),
});

const KUBERNETES_SCHEMA = new Schema([
  strTag,
  seqTag,
  stringMapTag,
  nullYaml11Tag,
  boolYaml11Tag,
  floatTag,
  intTag,
  mergeTag,
]);

/** What is said where js-yaml says something else. */
const WORDS: readonly (readonly [beginning: string, words: string])[] = [
  ['duplicated mapping key', YAML_WORDS.DUPLICATE_KEY],
  ['cannot resolve a node', YAML_WORDS.TAG_RESOLVE_FAILED],
  ['unknown', YAML_WORDS.TAG_RESOLVE_FAILED],
  ['cannot merge', YAML_WORDS.BAD_MERGE],
  ['abnormal merge', YAML_WORDS.BAD_MERGE],
  ['merge keys exceeded', YAML_WORDS.TOO_MANY_MERGED],
];

/**
 * Returns the values of a text's documents, or what is wrong, with the line unless the library does not know it. Throws
 * `YamlError` for syntax.
 */
export function valuesByLibrary(text: string): unknown[] | string {
  const parsed = new YamlText(text);
  checkEvents(parsed, {});
  const { source, events } = parsed;
  try {
    return constructFromEvents(events, { source, schema: KUBERNETES_SCHEMA, maxTotalMergeKeys: 100_000 });
  } catch (error) {
    if (!(error instanceof YAMLException)) throw error;
    const words = WORDS.find(([beginning]) => error.reason.startsWith(beginning))?.[1] ?? error.reason;
    const { position = 0, line = 0 } = error.mark ?? {};
    return position === 0 ? words : `${words} in line ${line + 1}`;
  }
}
