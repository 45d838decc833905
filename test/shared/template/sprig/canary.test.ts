/**
 * Threat: a user who may write a SealedSecret but not read Secrets makes a template fail with the value in the error.
 * Each function meets values that are nearly right, with a canary in them, so that it fails as deep as it can.
 */
import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { inspect } from 'node:util';
import { DEFAULT_LIMITS, TemplateError } from '../../../../shared/template/index.ts';
import { SPRIG } from '../../../../shared/template/sprig/index.ts';
import type { Type } from '../../../../shared/template/value.ts';
import { render } from '../render.ts';

const CANARY = 'c4n4ry';

/** No function gets to be slow: what they check before is what may quote. */
const LIMITS = { ...DEFAULT_LIMITS, costlyCalls: 0 };

const DATA = {
  plain: CANARY,
  url: `http://${CANARY}:x/%zz`,
  host: `http://${CANARY} x/`,
  expression: `${CANARY}(`,
  version: `1.2.3-0${CANARY}..`,
  constraint: `>= ${CANARY}`,
  date: `2024-02-29 ${CANARY}`,
  layout: `2006-01-02 ${CANARY}`,
  span: `1h${CANARY}`,
  json: `{"${CANARY}": ${CANARY}}`,
  number: `1e999${CANARY}`,
  base64: Buffer.from(CANARY).toString('base64'),
  pem: `-----BEGIN ${CANARY} PRIVATE KEY-----\nAAAA\n-----END ${CANARY} PRIVATE KEY-----\n`,
  pemBase64: Buffer.from(`-----BEGIN ${CANARY}-----\nAAAA\n-----END ${CANARY}-----\n`).toString('base64'),
  address: `::${CANARY}`,
};

const TEXTS = Object.keys(DATA).map((key) => `.${key}`);

/** What may stand for a parameter, with the canary in it where that is possible. */
function operands({ name }: Type): readonly string[] {
  switch (name) {
    case 'string':
      return TEXTS;
    case 'int':
    case 'uint32':
      return ['-1', '(len .plain)'];
    case 'time.Time':
      return ['(toDate .layout .date)'];
    case 'map[string]interface {}':
      return ['(dict "scheme" .plain "host" (list .plain) "userinfo" .host)', '(dict "userinfo" .url)'];
    case '[]interface {}':
      return ['(list .address)', '(list (list .plain))', '(list .plain)'];
    default:
      return ['.plain', '(list .plain)', '(dict .plain (dict .plain .plain))', 'nil'];
  }
}

/** All that a careless logger might print of an error. */
function printed(error: TemplateError): string {
  return `${JSON.stringify([error, error.message, error.stack])}\n${inspect(error, { showHidden: true, depth: null })}`;
}

/** The templates that call a function with one operand for each parameter, all with the same turn. */
function calls(name: string): string[] {
  const { params, rest } = SPRIG.get(name) ?? { params: [], rest: undefined };
  const types = rest === undefined ? params : [...params, rest, rest];
  return TEXTS.flatMap((_, turn) =>
    [0, 1, 3].map((stride) => {
      const args = types.map((type, index) => {
        const some = operands(type);
        return some[(turn + index * stride) % some.length] ?? 'nil';
      });
      return `{{ ${[name, ...args].join(' ')} }}`;
    }),
  );
}

/** These quote their arguments when they fail, as Go's do: if the detail were shown, the canary would be. */
const QUOTING = [
  ...['fail', 'mustToDate', 'mustDateModify', 'mustRegexMatch', 'mustRegexFind', 'regexFind', 'regexSplit'],
  ...['regexReplaceAll', 'mustRegexReplaceAllLiteral', 'urlParse', 'urlJoin', 'semverCompare'],
  ...['genCAWithKey', 'genSelfSignedCert', 'genSelfSignedCertWithKey'],
];

suite('no failure tells what a function was given', () => {
  for (const name of SPRIG.keys()) {
    test(name, () => {
      const told = 'template: t: failed while running, or went over a limit';
      let quoted = 0;
      for (const text of new Set(calls(name))) {
        try {
          render({ text, data: DATA }, LIMITS);
        } catch (error) {
          assert.ok(error instanceof TemplateError, `${text}: ${String(error)}`);
          assert.ok(!printed(error).includes(CANARY), text);
          assert.equal(error.withheld(), told, text);
          if (error.whole().includes(CANARY)) quoted++;
        }
      }
      if (QUOTING.includes(name)) assert.ok(quoted > 0, `${name} did not fail with the canary`);
    });
  }
});
