import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { DEFAULT_LIMITS } from '../../../../shared/template/index.ts';
import { render, TEST_ENVIRONMENT } from '../render.ts';

function at(text: string, localZone = 'UTC'): { output: string; impure: boolean } {
  return render({ text }, DEFAULT_LIMITS, {
    ...TEST_ENVIRONMENT,
    now: () => Date.UTC(2024, 1, 29, 12, 30, 15, 250),
    localZone,
  });
}

suite('the time of day', () => {
  for (const [text, output] of [
    ['{{ now }}', '2024-02-29 12:30:15.25 +0000 UTC'],
    ['{{ now | unixEpoch }}', '1709209815'],
    ['{{ date "2006-01-02" now }}', '2024-02-29'],
    ['{{ date "2006-01-02" "not a date" }}', '2024-02-29'],
    ['{{ htmlDate nil }}', '2024-02-29'],
    ['{{ ago (toDate "2006-01-02" "2024-02-28") }}', '36h30m15s'],
    ['{{ ago 1709209800 }}', '15s'],
    ['{{ ago "now" }}', '0s'],
    ['{{ durationRound (toDate "2006-01-02" "2022-02-28") }}', '2y'],
    ['{{ now | dateModify "-1.5h" | date "15:04" }}', '11:00'],
  ] as const) {
    test(`${text} is the environment’s, and impure`, () => {
      assert.deepEqual(at(text), { output, impure: true });
    });
  }

  test('a date that is given is pure', () => {
    assert.deepEqual(at('{{ date "2006" 0 }} {{ duration 1 }}'), { output: '1970 0s', impure: false });
  });

  test('the local zone is the environment’s', () => {
    const text = '{{ date "15:04 MST" 1709209815 }} {{ toDate "2006-01-02 15:04" "2024-07-01 12:00" }}';
    assert.equal(at(text, 'Europe/Prague').output, '13:30 CET 2024-07-01 12:00:00 +0200 CEST');
    const named =
      '{{ toDate "2006-01-02 MST" "2024-07-01 CEST" }} {{ (toDate "2006" "2020").Local.Location }}';
    assert.equal(at(named, 'Europe/Prague').output, '2024-07-01 00:00:00 +0200 CEST Europe/Prague');
  });
});
