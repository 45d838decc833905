import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { retryAfter } from '../../../../shared/kubernetes/api/api-error.ts';

suite('Retry-After', () => {
  test('is a number of seconds, capped at a minute', () => {
    for (const [header, milliseconds] of [
      ['0', 0],
      ['2', 2_000],
      ['60', 60_000],
      ['86400', 60_000],
    ] as const) {
      assert.equal(retryAfter({ 'retry-after': header }), milliseconds);
    }
  });

  test('as a date is ignored: it depends on two clocks', () => {
    assert.equal(retryAfter({ 'retry-after': 'Fri, 31 Dec 2099 23:59:59 GMT' }), undefined);
    assert.equal(retryAfter({ 'retry-after': 'Thu, 01 Jan 1970 00:00:00 GMT' }), undefined);
    assert.equal(retryAfter({ 'retry-after': '-1' }), undefined);
    assert.equal(retryAfter({}), undefined);
  });
});
