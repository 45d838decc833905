import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import {
  readBoolean,
  readChoice,
  readDate,
  readDuration,
  readPairs,
  readPeriod,
} from '../../controller/flag-values.ts';

const HOUR = 3_600_000;

suite('a boolean', () => {
  test('is written as in Go', () => {
    for (const text of ['1', 't', 'T', 'true', 'TRUE', 'True']) assert.equal(readBoolean(text), true);
    for (const text of ['0', 'f', 'F', 'false', 'FALSE', 'False']) assert.equal(readBoolean(text), false);
    for (const text of ['', 'yes', 'on', 'tRUE', '2', 'true ']) assert.throws(() => readBoolean(text));
  });
});

suite('a period', () => {
  const durations: [string, number][] = [
    ['0', 0],
    ['+0', 0],
    ['0s', 0],
    ['720h', 720 * HOUR],
    ['87600h', 87_600 * HOUR],
    ['1h30m', 1.5 * HOUR],
    ['1.5h', 1.5 * HOUR],
    ['.5s', 500],
    ['1.s', 1000],
    ['+5m0.5s', 300_500],
    ['250ms', 250],
    ['2µs', 0.002],
    ['2μs', 0.002],
    ['3us', 0.003],
    ['1500000ns', 1.5],
    ['2562047h', 2_562_047 * HOUR],
  ];
  for (const [text, ms] of durations) {
    test(`"${text}" is ${ms} ms`, () => assert.ok(Math.abs(readPeriod(text) - ms) < 1e-9));
  }

  for (const text of [
    '',
    '30',
    '1',
    'h',
    '1d',
    '1w',
    '-1h',
    '1h 30m',
    '1H',
    '.h',
    '1..5h',
    '00',
    '2562048h',
  ]) {
    test(`"${text}" is refused`, () => assert.throws(() => readPeriod(text), /Expected a duration/));
  }
});

test('durations are read as Go reads them', () => {
  const table: [string, number][] = [
    ['720h', 2_592_000_000],
    ['1h30m', 5_400_000],
    ['0', 0],
    ['-1.5s', -1500],
    ['2m0s', 120_000],
    ['+.5h', 1_800_000],
    ['1us', 0.001],
  ];
  for (const [text, ms] of table) assert.equal(readDuration(text), ms, text);
  for (const text of ['30', '', 'h', '1 h', '1d', '-', '1h30']) {
    assert.throws(() => readDuration(text), /duration/, text);
  }
});

suite('a date', () => {
  const dates: [string, string][] = [
    ['Mon, 02 Jan 2006 15:04:05 -0700', '2006-01-02T22:04:05.000Z'],
    ['Thu, 29 Feb 2024 00:00:00 +0000', '2024-02-29T00:00:00.000Z'],
    ['tue, 05 MAR 2019 00:30:00 +0130', '2019-03-04T23:00:00.000Z'],
  ];
  for (const [text, iso] of dates) {
    test(text, () => assert.equal(readDate(text).toISOString(), iso));
  }

  for (const text of [
    '',
    '2024-01-01T00:00:00Z',
    'Mon, 02 Jan 2006 15:04:05 MST',
    'Mon, 2 Jan 2006 15:04:05 -0700',
    'Fri, 30 Feb 2024 00:00:00 +0000',
    'Mon, 02 Foo 2006 15:04:05 +0000',
    'Mon, 02 Jan 2006 24:04:05 +0000',
    'Mon, 02 Jan 2006 15:60:05 +0000',
    'Mon, 02 Jan 2006 15:04:05',
  ]) {
    test(`"${text}" is refused`, () => assert.throws(() => readDate(text), /Expected a date/));
  }
});

suite('pairs', () => {
  test('are separated by commas, and the last of two equal names counts', () => {
    assert.deepEqual([...readPairs('')], []);
    assert.deepEqual(
      [...readPairs('a=1, b.c/d=2=3,e=,a=4,')],
      [
        ['a', '4'],
        ['b.c/d', '2=3'],
        ['e', ''],
      ],
    );
    for (const text of ['a', '=1', 'a=1,b']) assert.throws(() => readPairs(text), /NAME=VALUE/);
  });

  test('may have the names of properties that every object inherits', () => {
    assert.deepEqual([...readPairs('__proto__=1,constructor=2').keys()], ['__proto__', 'constructor']);
  });
});

test('a choice is one of its words', () => {
  const read = readChoice(['auto', 'never']);
  assert.equal(read('never'), 'never');
  assert.throws(() => read('Never'), /Expected auto or never/);
});
