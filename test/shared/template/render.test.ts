import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import type { GoFunction } from '../../../shared/template/function.ts';
import { DEFAULT_LIMITS } from '../../../shared/template/index.ts';
import { MOST_PROBLEMS, Renderer } from '../../../shared/template/render.ts';
import { SPRIG } from '../../../shared/template/sprig/index.ts';
import { TEST_ENVIRONMENT } from './render.ts';

function made(limits = DEFAULT_LIMITS): Renderer {
  return new Renderer(SPRIG, limits, TEST_ENVIRONMENT);
}

/** So many templates of the same text. */
function many(count: number, text: string): Map<string, string> {
  return new Map(Array.from({ length: count }, (_, i) => [`t${i}`, text]));
}

const NO_DATA = new Map<string, string>();

suite('the templates of one object', () => {
  test('have one output together, which the caller may lower', () => {
    const templates = many(3, 'x'.repeat(10));
    assert.ok('values' in made().render(templates, NO_DATA, { output: 30 }));
    const rendered = made().render(templates, NO_DATA, { output: 29 });
    assert.ok('problems' in rendered);
    assert.deepEqual(
      rendered.problems.map(({ item, error }) => [item, error.detail]),
      [['t2', 'output is larger than 29 bytes']],
    );
  });

  test('have no more output than all objects may have, whatever the caller allows', () => {
    const rendered = made().render(many(2, '{{ repeat 1000000 "x" }}'), NO_DATA, { output: 1e9 });
    assert.ok('problems' in rendered);
  });

  test('do not run where one of them cannot be parsed', () => {
    const ran: string[] = [];
    const templates = new Map([
      ['good', '{{ fail "ran" }}'],
      ['bad', '{{'],
    ]);
    const rendered = made().render(templates, NO_DATA, { onItem: (item) => ran.push(item) });
    assert.ok('problems' in rendered);
    assert.deepEqual(
      rendered.problems.map(({ item }) => item),
      ['bad'],
    );
    assert.deepEqual(ran, []);
  });

  for (const [what, text] of [
    ['cannot be parsed', '{{ if }}'],
    ['fail', '{{ fail "" }}'],
  ] as const) {
    test(`are given up when many ${what}`, () => {
      const rendered = made().render(many(20_000, text), NO_DATA);
      assert.ok('problems' in rendered);
      assert.equal(rendered.problems.length, MOST_PROBLEMS);
      assert.equal(rendered.skipped, 20_000 - MOST_PROBLEMS);
    });
  }

  test('are parsed on their budget', () => {
    const text = '{{1}}'.repeat(200_000);
    const rendered = made().render(new Map([['t', text]]), NO_DATA);
    assert.ok('problems' in rendered);
    assert.match(
      rendered.problems[0]?.error.whole() ?? '',
      /^template: t:1: used more than 64 MiB of memory$/,
    );
    const steps = made({ ...DEFAULT_LIMITS, steps: 1000 }).render(many(500, '{{1}}'), NO_DATA);
    assert.ok('problems' in steps);
    // Each template has four tokens, its end included.
    assert.equal(steps.problems[0]?.item, 't250');
    // Nothing of the data is known yet, so this may be told.
    assert.match(steps.problems[0].error.withheld(), /^template: t250:1: more than 1000 steps$/);
  });

  test('are not timed while they are parsed: whether they can be depends on their texts alone', () => {
    let now = 0;
    const environment = { ...TEST_ENVIRONMENT, elapsed: () => (now += 1_000) };
    const renderer = new Renderer(SPRIG, DEFAULT_LIMITS, environment);
    assert.deepEqual(renderer.unparsable(many(300, '{{1}}')), []);
  });

  /** Whether templates render, on a budget of this many steps, together with one that takes many. */
  function renders(renderer: Renderer, templates: ReadonlyMap<string, string>, spent: number): boolean {
    const spending: [string, string] = ['u', `{{ range ${spent} }}{{ end }}`];
    return 'values' in renderer.render(new Map([...templates, spending]), NO_DATA);
  }

  test('take as much of the budget when they are kept as when they were parsed', () => {
    const templates = new Map([['t', `{{ if false }}${'{{1}}'.repeat(10_000)}{{ end }}`]]);
    const steps = { ...DEFAULT_LIMITS, steps: 45_000 };
    assert.equal(renders(made(steps), templates, 10_000), false);
    const renderer = made(steps);
    assert.ok('values' in renderer.render(templates, NO_DATA));
    assert.equal(renders(renderer, templates, 10_000), false);
  });

  for (const [what, text, parsings] of [
    ['are kept parsed', '{{ upper "x" }}', 1],
    [
      'are not kept where what was parsed is large, however short the text',
      `{{ upper "x" }}${'{{1}}'.repeat(40_000)}`,
      2,
    ],
  ] as const) {
    test(what, () => {
      let lookups = 0;
      const functions = new (class extends Map<string, GoFunction> {
        override has(name: string): boolean {
          if (name === 'upper') lookups++;
          return super.has(name);
        }
      })(SPRIG);
      const renderer = new Renderer(functions, DEFAULT_LIMITS, TEST_ENVIRONMENT);
      for (let round = 0; round < 2; round++) renderer.unparsable(new Map([['t', text]]));
      assert.equal(lookups, parsings);
    });
  }
});
