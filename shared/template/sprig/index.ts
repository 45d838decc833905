/**
 * The functions of Sprig v3 (`github.com/Masterminds/sprig`, its `GenericFuncMap`), except the three that access data
 * outside the template: `env`, `expandenv` and `getHostByName`.
 */
import type { Functions } from '../function.ts';
import { AES } from './aes.ts';
import { CERTIFICATES } from './certificates.ts';
import { DATES } from './dates.ts';
import { DICT_FUNCTIONS } from './dicts.ts';
import { ENCODINGS } from './encodings.ts';
import { FLOW } from './flow.ts';
import { HASHES } from './hashes.ts';
import { JSONS } from './json.ts';
import { LIST_FUNCTIONS } from './lists.ts';
import { MATHS } from './maths.ts';
import { PASSWORDS } from './passwords.ts';
import { PATHS } from './paths.ts';
import { RANDOM } from './random.ts';
import { REGEX } from './regex.ts';
import { SEMVER } from './semver.ts';
import { STRING_FUNCTIONS } from './strings.ts';
import { URLS } from './urls.ts';

/** All functions by name. */
export const SPRIG: Functions = new Map(
  [
    STRING_FUNCTIONS,
    LIST_FUNCTIONS,
    DICT_FUNCTIONS,
    FLOW,
    MATHS,
    RANDOM,
    DATES,
    REGEX,
    SEMVER,
    JSONS,
    ENCODINGS,
    HASHES,
    PATHS,
    URLS,
    PASSWORDS,
    AES,
    CERTIFICATES,
  ].flatMap((family) => Object.entries(family)),
);
