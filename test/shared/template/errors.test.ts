import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { inspect } from 'node:util';
import { BUILTINS } from '../../../shared/template/builtins.ts';
import { TemplateError, type Limits, DEFAULT_LIMITS } from '../../../shared/template/index.ts';
import { SPRIG } from '../../../shared/template/sprig/index.ts';
import { render } from './render.ts';

/** Bounds that let no slow function run for long here. */
const QUICK: Limits = { ...DEFAULT_LIMITS, costlyCalls: 0 };

const CANARY = 'c4n4ry';
const DATA = { secret: CANARY, item: `{"${CANARY}": ["${CANARY}"]}`, list: `${CANARY},b` };

function failure(text: string): TemplateError {
  try {
    render({ text, data: DATA }, QUICK);
  } catch (error) {
    assert.ok(error instanceof TemplateError, `${text}: ${String(error)}`);
    return error;
  }
  return assert.fail(`${text} did not fail`);
}

/** All that a careless logger might print of an error. */
function printed(error: TemplateError): string {
  const own = JSON.stringify([Object.entries(error), error.message, error.stack, String(error)]);
  return `${own}\n${inspect(error, { showHidden: true, depth: null })}\n${error.withheld()}`;
}

suite('errors of templates', () => {
  test('a parse error is shown whole: it is made of the template alone', () => {
    const error = failure('line\n{{ if');
    assert.equal(error.withheld(), 'template: t:2: unclosed action');
    assert.deepEqual(error.place, { name: 't', line: 2 });
  });

  test('a run-time error has a place for the owner of the data: line, column, template, source, function', () => {
    const error = failure('line\n{{define "x"}}{{ .secret | fail }}{{end}}{{ template "x" . }}');
    assert.deepEqual(error.place, {
      name: 't',
      line: 2,
      running: { column: 27, template: 'x', source: 'fail', called: 'fail' },
    });
    assert.equal(error.detail, CANARY);
  });

  test('offline, the whole is shown', () => {
    assert.equal(
      failure('{{ fail .secret }}').whole(),
      `template: t:1:3: executing "t" at <fail .secret>: error calling fail: ${CANARY}`,
    );
  });

  for (const text of [
    '{{ fail "boom" }}',
    'line\n{{ fail "another" }}',
    '{{ semver "boom" }}',
    '{{ .secret | fail }}',
    '{{ $x := "boom" }}{{ fail $x }}',
    '{{ range $k, $v := . }}{{ fail $v }}{{ end }}',
    '{{ range .secret }}{{ end }}',
    '{{ eq (list .secret) (list) }}',
    '{{ call .secret }}',
    '{{ .secret.x.y }}',
    '{{ lt .secret 1 }}',
    '{{ template "nope" .secret }}',
    '{{ $x := dict .secret 1 }}{{ (first (keys $x)) | fail }}',
    '{{ (fromJson .item).x.y | upper }}',
    // Limits depend on the data too.
    '{{ range 1000000000000 }}{{ end }}',
    '{{ repeat 1000000000 "x" }}',
    '{{ range 1000000 }}0123456789{{ end }}',
    '{{ bcrypt "x" }}',
    '{{ define "x" }}{{ template "x" }}{{ end }}{{ template "x" }}',
  ]) {
    test(`of a failure while running only the name is shown: ${text}`, () => {
      const error = failure(text);
      assert.equal(error.withheld(), 'template: t: failed while running, or went over a limit');
      assert.equal(error.message, error.withheld());
      assert.doesNotMatch(printed(error), /column|boom|another/);
      assert.ok(!printed(error).includes(CANARY));
    });
  }
});

suite('the failure of each function', () => {
  const operands = [
    '.secret',
    '(list .secret)',
    '(dict .secret .secret)',
    '.item',
    '(splitList "," .list)',
    '-1',
    '.',
  ];

  for (const [name, { params, rest }] of [...BUILTINS, ...SPRIG]) {
    test(`${name} tells nothing of its arguments`, () => {
      const most = params.length + (rest === undefined ? 0 : 2);
      let failures = 0;
      for (let count = 0; count <= most + 1; count++) {
        for (const operand of operands) {
          for (const piped of [false, true]) {
            if (piped && count === 0) continue;
            const args = Array.from({ length: piped ? count - 1 : count }, () => operand);
            const text = `{{ ${piped ? `${operand} | ` : ''}${[name, ...args].join(' ')} }}`;
            try {
              render({ text, data: DATA }, QUICK);
            } catch (error) {
              assert.ok(error instanceof TemplateError, `${text}: ${String(error)}`);
              assert.ok(!printed(error).includes(CANARY), text);
              failures++;
            }
          }
        }
      }
      // Few take whatever they get.
      assert.ok(failures > 0 || rest !== undefined);
    });
  }
});
