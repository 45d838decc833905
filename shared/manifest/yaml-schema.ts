import {
  boolYaml11Tag,
  defineMappingTag,
  defineScalarTag,
  mapTag,
  mergeTag,
  NOT_RESOLVED,
  nullYaml11Tag,
  Schema,
  seqTag,
  strTag,
} from 'js-yaml';
import { goInteger, goNumber } from './go-numbers.ts';
import { YAML_WORDS } from './yaml-words.ts';

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

/**
 * YAML 1.1 with the rules of Go's decoder (go.yaml.in/yaml/v2), which Kubernetes uses: dates and base-60 numbers are
 * strings, and tags that create other objects (`!!binary`, `!!set`) are not supported. Merge keys (`<<`) follow the
 * YAML specification: a map's own keys win regardless of order. In Go the later key wins, so a `<<` after one of the
 * map's own keys behaves differently.
 */
export const KUBERNETES_SCHEMA = new Schema([
  strTag,
  seqTag,
  stringMapTag,
  nullYaml11Tag,
  boolYaml11Tag,
  floatTag,
  intTag,
  mergeTag,
]);
