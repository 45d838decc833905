import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import {
  Budget,
  DEFAULT_LIMITS,
  parse,
  run,
  TemplateError,
  type Limits,
} from '../../../shared/template/index.ts';
import { SPRIG } from '../../../shared/template/sprig/index.ts';
import { render, TEST_ENVIRONMENT } from './render.ts';

/** How a template fails. */
function failure(text: string, limits: Limits = DEFAULT_LIMITS, elapsed = (): number => 0): string {
  try {
    render({ text, data: { a: 'x' } }, limits, { ...TEST_ENVIRONMENT, elapsed });
  } catch (error) {
    assert.ok(error instanceof TemplateError);
    return error.whole();
  }
  return assert.fail('did not fail');
}

suite('a template bomb fails', () => {
  for (const [what, text, words] of [
    ['endless work', '{{ range 1000000000000 }}{{ end }}', /more than 2000000 steps$/],
    ['work in work', '{{ range 100000 }}{{ range 100000 }}{{ end }}{{ end }}', /more than 2000000 steps$/],
    ['output', '{{ range 1000000 }}0123456789{{ end }}', /output is larger than 1 MiB$/],
    [
      'one large value',
      '{{ $x := "xxxxxxxx" }}{{ range 60 }}{{ $x = print $x $x }}{{ end }}',
      /a value is larger than 4 MiB$/,
    ],
    [
      'many values',
      '{{ range 1000 }}{{ $x := printf "%1000000d" 1 }}{{ end }}',
      /used more than 64 MiB of memory$/,
    ],
    [
      'values that share',
      '{{ $x := list 1 }}{{ range 60 }}{{ $x = list $x $x }}{{ end }}{{ $x }}',
      /more than 2000000 steps$/,
    ],
    [
      'a deep value',
      '{{ $x := list }}{{ range 5000 }}{{ $x = list $x }}{{ end }}{{ $x }}',
      /a value is nested deeper than 1000$/,
    ],
    [
      'a map that holds itself',
      '{{ $x := dict }}{{ $_ := set $x "x" $x }}{{ $x }}',
      /a value is nested deeper than 1000$/,
    ],
    [
      'recursion',
      '{{ define "x" }}{{ template "x" }}{{ end }}{{ template "x" }}',
      /nested deeper than 1000$/,
    ],
    ['repeat', '{{ repeat 1000000000 "x" }}', /a value is larger than 4 MiB$/],
    ['seq', '{{ seq 1 2000000000 }}', /(a value is larger than|more than|used more than)/],
    ['until', '{{ until 2000000000 }}', /(a value is larger than|more than|used more than)/],
    ['indent', '{{ indent 1000000000 "a" }}', /a value is larger than 4 MiB$/],
    ['a wide verb', '{{ printf "%9999999d" 1 }}', /a value is larger than 4 MiB$/],
  ] as const) {
    test(what, () => assert.match(failure(text), words));
  }

  for (const [what, text, words] of [
    ['parentheses', `{{ ${'('.repeat(1_000_000)}`, /max expression depth exceeded$/],
    ['conditions', '{{ if 1 }}'.repeat(100_000), /\{\{if\}\} is nested deeper than 200$/],
    ['blocks', '{{ block "x" . }}'.repeat(50_000), /\{\{block\}\} is nested deeper than 200$/],
    [
      'alternatives',
      `{{ if 0 }}${'{{ else if 0 }}'.repeat(50_000)}{{ end }}`,
      /\{\{if\}\} is nested deeper than 200$/,
    ],
  ] as const) {
    test(`${what} in one another`, () => assert.match(failure(text), words));
  }

  test('what is deep and what recurses together stay within the stack', () => {
    const inside = `{{ print ${'(print '.repeat(95)}1${')'.repeat(95)} }}{{ template "x" }}`;
    const text = `{{ define "x" }}${'{{ if 1 }}'.repeat(100)}${inside}${'{{ end }}'.repeat(100)}{{ end }}{{ template "x" }}`;
    assert.match(failure(text), /nested deeper than 1000$/);
  });
});

suite('the time of a run', () => {
  const busy = '{{ range 100000 }}{{ end }}';

  test('is bounded', () => {
    let now = 0;
    assert.match(
      failure(busy, DEFAULT_LIMITS, () => (now += 60)),
      /took longer than 100 ms$/,
    );
  });

  test('starts with the run', () => {
    assert.doesNotThrow(() =>
      render({ text: busy }, DEFAULT_LIMITS, { ...TEST_ENVIRONMENT, elapsed: () => 1e9 }),
    );
  });

  test('is not that of slow functions, whose number and time have their own bounds', () => {
    assert.match(
      failure('{{ range 5 }}{{ bcrypt "x" }}{{ end }}'),
      /more than 4 calls of functions that make keys or hash slowly$/,
    );
    let now = 0;
    const limits = { ...DEFAULT_LIMITS, costlyTime: 10 };
    const slow = failure('{{ bcrypt "x" }}', limits, () => (now += 11));
    assert.match(slow, /functions that make keys or hash slowly took longer than 10 ms$/);
  });
});

suite('runs on one budget', () => {
  /** Runs some templates on one budget; the answer is how the last one fails. */
  function lastFailure(texts: readonly string[], elapsed: () => number): string {
    const budget = new Budget(DEFAULT_LIMITS, { ...TEST_ENVIRONMENT, elapsed });
    const templates = texts.map((text) => parse('t', text, { functions: SPRIG }));
    const last = templates.pop();
    assert.ok(last);
    for (const template of templates) run(template, new Map(), budget);
    try {
      run(last, new Map(), budget);
    } catch (error) {
      assert.ok(error instanceof TemplateError);
      return error.whole();
    }
    return assert.fail('did not fail');
  }

  test('share their time, but not the time between them', () => {
    let now = 0;
    const budget = new Budget(DEFAULT_LIMITS, { ...TEST_ENVIRONMENT, elapsed: () => now });
    const template = parse('t', 'text', { functions: SPRIG });
    for (let i = 0; i < 10; i++) {
      now += 60;
      run(template, new Map(), budget);
    }
    assert.match(
      lastFailure(Array<string>(3).fill('{{ range 1000 }}{{ end }}'), () => (now += 5)),
      /100 ms$/,
    );
  });

  test('share their steps, memory, slow calls and output', () => {
    const still = (): number => 0;
    const half = (text: string): string[] => [text, text, text];
    assert.match(lastFailure(half('{{ range 500000 }}{{ end }}'), still), /more than 2000000 steps$/);
    assert.match(
      lastFailure(half('{{ range 30 }}{{ $x := printf "%1000000d" 1 }}{{ end }}'), still),
      /used more than 64 MiB of memory$/,
    );
    assert.match(lastFailure(half('{{ bcrypt "x" }}{{ bcrypt "y" }}'), still), /more than 4 calls/);
    const output = '{{ range 50000 }}0123456789{{ end }}';
    assert.match(lastFailure([output, output, output], still), /output is larger than 1 MiB$/);
  });
});

suite('a run is impure', () => {
  for (const [text, impure] of [
    ['{{ .a }}', false],
    ['{{ upper .a | b64enc }}', false],
    ['{{ if false }}{{ randAlpha 5 }}{{ end }}', false],
    ['{{ $x := randAlpha 5 }}', true],
    ['{{ now | date "2006" }}', true],
    ['{{ uuidv4 }}', true],
    ['{{ date "2006" .a }}', true],
    ['{{ toDate "2006" "2020" | date "2006" }}', false],
  ] as const) {
    test(`${text}: ${String(impure)}`, () => assert.equal(render({ text, data: { a: 'x' } }).impure, impure));
  }
});
