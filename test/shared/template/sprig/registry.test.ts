import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite, test } from 'node:test';
import { BUILTINS } from '../../../../shared/template/builtins.ts';
import { FUNCTION_NAMES } from '../../../../shared/template/function-names.ts';
import { TemplateError } from '../../../../shared/template/index.ts';
import { SPRIG } from '../../../../shared/template/sprig/index.ts';
import { CASES } from '../cases.ts';
import { render } from '../render.ts';

/** What Go lists with `oracle names`. */
const NAMES = readFileSync(join(CASES, '..', 'sprig', 'functions.txt'), 'utf8')
  .trimEnd()
  .split('\n');

/** Their results differ at every run: new keys, salts, random numbers and the time of day. */
const IMPURE = [
  ...['ago', 'now', 'uuidv4', 'shuffle', 'encryptAES', 'bcrypt', 'htpasswd', 'genPrivateKey'],
  ...['randAlpha', 'randAlphaNum', 'randAscii', 'randBytes', 'randInt', 'randNumeric'],
  ...['genCA', 'genCAWithKey', 'genSelfSignedCert', 'genSelfSignedCertWithKey'],
  ...['genSignedCert', 'genSignedCertWithKey'],
];

suite('the functions of Sprig', () => {
  test('are all there, and no others', () => {
    assert.equal(NAMES.length, 208);
    assert.deepEqual([...SPRIG.keys()].sort(), NAMES);
  });

  test('are in the list of names that parsing alone needs, with the built-in ones', () => {
    assert.deepEqual([...FUNCTION_NAMES].sort(), [...new Set([...BUILTINS.keys(), ...SPRIG.keys()])].sort());
  });

  for (const name of ['env', 'expandenv', 'getHostByName']) {
    test(`${name} is unknown: it reaches beyond the template`, () => {
      assert.throws(() => render({ text: `{{ ${name} "HOME" }}` }), {
        constructor: TemplateError,
        message: `template: t:1: function "${name}" not defined`,
      });
    });
  }

  test('say which of them are impure', () => {
    const impure = [...SPRIG].filter(([, declared]) => declared.impure).map(([name]) => name);
    assert.deepEqual(impure.sort(), [...IMPURE].sort());
  });

  test('have no state: what one run set, the next does not see', () => {
    const text =
      '{{ hasKey (dict) "a" }}{{ $_ := set (dict) "a" 1 }}{{ len (list) }}{{ sortAlpha (list "b" "a") }}';
    assert.deepEqual(
      [1, 2].map(() => render({ text }).output),
      Array(2).fill('false0[a b]'),
    );
  });
});
