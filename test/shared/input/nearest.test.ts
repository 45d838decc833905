import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { allNearest, nearest } from '../../../shared/input/nearest.ts';

suite('the nearest name', () => {
  const near: readonly [typed: string, name: string][] = [
    ['prd', 'prod'],
    ['CERTFICATE', 'certificate'],
    ['certifacates', 'certificate'],
    ['rwa', 'raw'],
  ];
  for (const [typed, name] of near) {
    test(`is found for ${typed}: ${name}`, () => assert.equal(nearest(typed, ['x', name, 'staging']), name));
  }

  const far: readonly [typed: string, name: string][] = [
    ['a', 'b'],
    ['dev', 'prod'],
    ['certify', 'certificate'],
    ['a'.repeat(65), 'a'.repeat(64)],
  ];
  for (const [typed, name] of far) {
    test(`is not found if it is another one: ${typed}`, () =>
      assert.equal(nearest(typed, [name]), undefined));
  }

  test('may be one of several', () => {
    assert.deepEqual(allNearest('stagin', ['staging', 'station', 'stagine', 'prod']), ['staging', 'stagine']);
  });
});
