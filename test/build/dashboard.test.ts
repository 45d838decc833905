import assert from 'node:assert/strict';
import { before, suite, test } from 'node:test';
import { dashboard, ROWS } from '../../build/dashboard/grafana.ts';
import { at, listAt, stringAt } from '../control-plane/admin-client.ts';
import { grafanaTypes } from './go-types.ts';
import { run, type Ran } from '../support/run.ts';

const parsed: unknown = JSON.parse(JSON.stringify(dashboard()));
const all = listAt(parsed, 'panels');
const panels = all.filter((panel) => at(panel, 'type') !== 'row');
const variables = listAt(parsed, 'templating', 'list');

suite('the types of Grafana', () => {
  before(grafanaTypes.build);
  const read = (board: unknown): Promise<Ran> => run(grafanaTypes.path, [], { stdin: JSON.stringify(board) });

  test('describe all of the dashboard', async () => {
    assert.deepEqual(await read(parsed), { code: 0, stdout: '', stderr: '' });
  });

  test('find an unknown field, a missing one, and a value of another type', async () => {
    const text = JSON.stringify(parsed);
    for (const [name, other] of [
      ['"graphMode":', '"graphMod":'],
      ['"refresh":2', '"refresh":"2"'],
    ] as const) {
      assert.ok(text.includes(name));
      const { code, stderr } = await read(JSON.parse(text.replace(name, other)));
      assert.equal(code, 1);
      assert.match(stderr, /unexpected field 'graphMod'|refresh/);
    }
  });
});

/** The rules are those of Grafana's dashboard-linter. */
suite('the dashboard', () => {
  test('has a row for each subject, and panels that neither overlap nor leave the grid', () => {
    const titles = all.filter((panel) => at(panel, 'type') === 'row').map((row) => stringAt(row, 'title'));
    assert.deepEqual(
      titles,
      ROWS.map(({ title }) => title),
    );
    assert.equal(new Set(all.map((panel) => at(panel, 'id'))).size, all.length);
    const taken = new Set<string>();
    for (const panel of all) {
      const [x, y, w, h] = ['x', 'y', 'w', 'h'].map((name) => Number(at(panel, 'gridPos', name)));
      assert.ok(x !== undefined && y !== undefined && w !== undefined && h !== undefined && x + w <= 24);
      for (let column = x; column < x + w; column++) {
        for (let line = y; line < y + h; line++) {
          assert.ok(!taken.has(`${column} ${line}`), stringAt(panel, 'title'));
          taken.add(`${column} ${line}`);
        }
      }
    }
  });

  test('has variables for the data source, jobs, instances and namespaces, and no fixed data source', () => {
    assert.deepEqual(
      variables.map((variable) => [stringAt(variable, 'name'), stringAt(variable, 'label')]),
      [
        ['datasource', 'Data source'],
        ['job', 'Job'],
        ['instance', 'Instance'],
        ['namespace', 'Namespace'],
      ],
    );
    for (const variable of variables.slice(1)) {
      assert.equal(at(variable, 'refresh'), 2);
      assert.equal(at(variable, 'allValue'), '.+');
      assert.equal(at(variable, 'multi'), true);
      assert.match(stringAt(variable, 'query', 'query'), /^label_values\(\w+(\{[^}]+\})?, \w+\)$/);
    }
    for (const place of [
      ...panels,
      ...panels.flatMap((panel) => listAt(panel, 'targets')),
      ...variables.slice(1),
    ])
      assert.equal(stringAt(place, 'datasource', 'uid'), '${datasource}');
  });

  test('has a title, a description, a unit and queries in each panel', () => {
    for (const panel of panels) {
      const title = stringAt(panel, 'title');
      assert.match(stringAt(panel, 'description'), /\.$/, title);
      assert.ok(stringAt(panel, 'fieldConfig', 'defaults', 'unit') !== '', title);
      assert.ok(listAt(panel, 'targets').length > 0, title);
    }
    assert.equal(new Set(panels.map((panel) => stringAt(panel, 'title'))).size, panels.length);
  });

  test('asks for the chosen jobs and instances, and for rates of counters over the interval of Grafana', () => {
    for (const panel of panels) {
      for (const target of listAt(panel, 'targets')) {
        const expr = stringAt(target, 'expr');
        assert.ok(stringAt(target, 'legendFormat') !== '', expr);
        const selectors = [
          ...expr.matchAll(/\b(?:sealed_secrets_controller|process|nodejs)_\w+(\{[^}]*\})?/g),
        ];
        assert.ok(selectors.length > 0, expr);
        for (const [name, matchers = ''] of selectors) {
          assert.match(matchers, /^\{job=~"\$job", instance=~"\$instance"/, expr);
          const isCounter = /_(total|bucket|count|sum)\{/.test(name);
          const from = expr.indexOf(name);
          const isRate = /(rate|increase)\($/.test(expr.slice(0, from));
          assert.equal(isRate, isCounter, expr);
          if (isRate) assert.ok(expr.slice(from + name.length).startsWith('[$__rate_interval])'), expr);
        }
      }
    }
  });
});
