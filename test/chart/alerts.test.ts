import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite, test } from 'node:test';
import { dump } from 'js-yaml';
import { CHART, RELEASE } from '../../build/helm.ts';
import { readJson } from '../../build/package.ts';
import { at, listAt, stringAt } from '../control-plane/admin-client.ts';
import { findBinaries } from '../control-plane/binaries.ts';
import { helm, objectsIn, only, template } from '../support/helm.ts';
import { PACKAGE } from '../support/package.ts';
import { run } from '../support/run.ts';
import { temporaryFolder } from '../support/temporary.ts';
import { ALERTS } from './alerts/list.ts';
import { text, type AlertCases, type Situation } from './alerts/situation.ts';

const folder = temporaryFolder();
/** Words with an underscore in docs/monitoring.md that are no metrics. */
const OF_PROMETHEUS: ReadonlySet<string> = new Set([
  'exported_namespace',
  'grafana_dashboard',
  'honor_labels',
  'rule_files',
  'runbook_url',
]);
const ENABLED = ['--set', 'metrics.prometheusRule.enabled=true'];

/** Returns the rules that the chart renders. */
async function rules(...set: readonly string[]): Promise<readonly unknown[]> {
  const rule = only(objectsIn(await template(...ENABLED, ...set)), 'PrometheusRule');
  return listAt(rule, 'spec', 'groups', 0, 'rules');
}

async function promtool(...args: readonly string[]): Promise<string> {
  const binary = (await findBinaries(['promtool'], console.error)).get('promtool') ?? 'promtool';
  const ran = await run(binary, args);
  assert.equal(ran.code, 0, ran.stdout + ran.stderr);
  return ran.stdout;
}

/** Returns a test of promtool. */
function testOf({ alert, severity }: AlertCases, { title, series, at: time, alerts }: Situation): object {
  const firing = text('ALERTS', { alertname: alert, alertstate: 'firing' });
  const samples = alerts.map((labels) => ({
    labels: text('ALERTS', { alertname: alert, alertstate: 'firing', severity, ...labels }),
    value: 1,
  }));
  const until = `count(count_over_time(${firing}[${time}])) or vector(0)`;
  return {
    name: title,
    interval: '1m',
    input_series: series,
    promql_expr_test: [
      alerts.length > 0
        ? { expr: firing, eval_time: time, exp_samples: samples }
        : { expr: until, eval_time: time, exp_samples: [{ labels: '{}', value: 0 }] },
    ],
  };
}

suite('the alerts of the chart', () => {
  test('are accepted by promtool, and all of them are tested', async () => {
    const groups = [{ name: 'alerts', rules: await rules() }];
    const file = folder.write('rules.yaml', dump({ groups }));
    assert.match(
      await promtool('check', 'rules', '--lint=all', '--lint-fatal', file),
      new RegExp(`SUCCESS: ${ALERTS.length} rules found`),
    );
    assert.deepEqual(
      (await rules()).map((rule) => stringAt(rule, 'alert')).sort(),
      ALERTS.map(({ alert }) => alert).sort(),
    );
  });

  for (const cases of ALERTS) {
    test(`${cases.alert} fires, and does not in a near miss`, async () => {
      const { alert, situations } = cases;
      for (const fires of [true, false])
        assert.ok(situations.some(({ alerts }) => alerts.length > 0 === fires));
      folder.write('all.yaml', dump({ groups: [{ name: 'alerts', rules: await rules() }] }));
      const tests = situations.map((situation) => testOf(cases, situation));
      const file = folder.write(
        `${alert}.yaml`,
        dump({ rule_files: ['all.yaml'], evaluation_interval: '1m', tests }),
      );
      await promtool('test', 'rules', file);
    });
  }

  test('are critical only where the controller does not work', () => {
    const critical = ALERTS.filter(({ severity }) => severity === 'critical').map(({ alert }) => alert);
    assert.deepEqual(critical.sort(), [
      'SealedSecretsControllerDown',
      'SealedSecretsNoLeader',
      'SealedSecretsNoSealingKey',
      'SealedSecretsSeveralLeaders',
      'SealedSecretsWatchSilent',
    ]);
  });

  test('wait for more than one scrape, compare with a number, and have texts', async () => {
    for (const rule of await rules()) {
      const name = stringAt(rule, 'alert');
      assert.match(stringAt(rule, 'for'), /^([2-9]|\d\d)m$|^1h$/, name);
      assert.match(stringAt(rule, 'expr'), / (<|>|==) [\d(t]|^absent\(/, name);
      assert.doesNotMatch(stringAt(rule, 'annotations', 'summary'), /\{\{|\.$/, name);
      assert.match(stringAt(rule, 'annotations', 'description'), /\.$/, name);
    }
  });
});

suite('the runbooks of the alerts', () => {
  const page = readFileSync(join(PACKAGE, 'docs', 'monitoring.md'), 'utf8');
  const sections = new Map(
    page.split(/^### /m).map((section) => [section.split('\n')[0] ?? '', section.split(/^## /m)[0] ?? '']),
  );

  test('are sections of docs/monitoring.md, which have no others', async () => {
    const names = (await rules()).map((rule) => stringAt(rule, 'alert'));
    const documented = [...sections.keys()].filter((heading) => heading.startsWith('SealedSecret'));
    assert.deepEqual(documented, names);
    for (const rule of await rules()) {
      const anchor = stringAt(rule, 'alert').toLowerCase();
      assert.equal(stringAt(rule, 'annotations', 'runbook'), `docs/monitoring.md#${anchor}`);
    }
  });

  test('name the severity and the time', async () => {
    for (const rule of await rules()) {
      const section = sections.get(stringAt(rule, 'alert')) ?? '';
      const words = [stringAt(rule, 'labels', 'severity'), stringAt(rule, 'for')];
      assert.ok(section.includes(`_${words.join(', after ')}._`), `${words.join(', after ')}: ${section}`);
    }
  });

  test('name only metrics, flags and values that exist', () => {
    const reference = readFileSync(join(PACKAGE, 'docs', 'controller.md'), 'utf8');
    const known = readJson('helm', 'sealed-secrets', 'known-values.json').raw;
    const spans = [...page.replaceAll(/^```[^]*?^```$/gm, '').matchAll(/`([^`]+)`/g)].map(
      ([, text = '']) => text,
    );
    const counts = { metrics: 0, flags: 0, values: 0 };
    for (const span of spans) {
      const [, metric] = /^([a-z]+_[a-z_]+)(\{.*\})?$/.exec(span) ?? [];
      if (metric !== undefined && !OF_PROMETHEUS.has(metric)) {
        assert.ok(reference.includes(`\n| \`${metric}\` `), span);
        counts.metrics++;
      }
      const [flag] = /^--[a-z-]+/.exec(span) ?? [];
      if (flag !== undefined && flag !== '--previous') {
        assert.ok(reference.includes(`\`${flag}`), span);
        counts.flags++;
      }
      const [value] = /^(metrics|leaderElection|networkPolicy)\.[a-zA-Z.]+/.exec(span) ?? [];
      if (value !== undefined) {
        assert.notEqual(at(known, ...value.split('.')), undefined, span);
        counts.values++;
      }
    }
    for (const [what, count] of Object.entries(counts)) assert.ok(count > 3, what);
  });

  test('have a URL only if the values name one', async () => {
    for (const rule of await rules()) assert.equal(at(rule, 'annotations', 'runbook_url'), undefined);
    const url = 'https://example.com/monitoring.md';
    const [first] = await rules('--set', `metrics.prometheusRule.runbookUrl=${url}`);
    assert.equal(stringAt(first, 'annotations', 'runbook_url'), `${url}#sealedsecretsfailing`);
  });
});

suite('the values for alerts', () => {
  test('leave out what is disabled', async () => {
    const disabled = '{SealedSecretNotSynced,SealedSecretsKeyExpires}';
    const left = await rules('--set', `metrics.prometheusRule.disabledAlerts=${disabled}`);
    assert.equal(left.length, ALERTS.length - 2);
    assert.ok(!left.some((rule) => disabled.includes(stringAt(rule, 'alert'))));
  });

  test('refuse to disable an alert that does not exist', async () => {
    const set = 'metrics.prometheusRule.disabledAlerts={SealedSecretsWait}';
    const ran = await helm(['template', RELEASE.name, CHART, ...ENABLED, '--set', set]);
    assert.match(
      ran.stderr,
      /disabledAlerts: the chart has no alert SealedSecretsWait; it has SealedSecretsFailing,/,
    );
  });

  test('add labels to all of them', async () => {
    for (const rule of await rules('--set', 'metrics.prometheusRule.ruleLabels.team=platform')) {
      assert.equal(stringAt(rule, 'labels', 'team'), 'platform');
    }
  });
});
