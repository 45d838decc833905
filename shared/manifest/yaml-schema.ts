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

/** Decides whether a scalar without a tag is a number, also where it is an integer. */
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

/** A bare `on` or `0123` as a key would become `true` or `83`. */
const stringMapTag = defineMappingTag(`${PREFIX}map`, {
  ...mapTag,
  addPair: (map, key, value) =>
    typeof key === 'string' ? mapTag.addPair(map, key, value) : YAML_WORDS.NON_STRING_KEY,
  has: (map, key) => typeof key === 'string' && mapTag.has(map, key),
});

/**
 * YAML 1.1 by the rules of Go's decoder (go.yaml.in/yaml/v2), which Kubernetes uses: dates and base-60 numbers are
 * strings. Tags that make other objects (`!!binary`, `!!set`) are not part of it. Of merge keys (`<<`) it keeps to YAML: a
 * map's own keys win wherever they stand. Go lets the later one win, so `<<` behind a key of its own map differs.
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
