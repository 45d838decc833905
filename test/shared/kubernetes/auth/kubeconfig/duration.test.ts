import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { parseTimeout } from '../../../../../shared/kubernetes/auth/kubeconfig/duration.ts';

suite('--request-timeout', () => {
  const table: [string, number][] = [
    ['0', 0],
    ['30', 30_000],
    ['+5', 5000],
    ['0s', 0],
    ['1s', 1000],
    ['1m30s', 90_000],
    ['1.5h', 5_400_000],
    ['.5s', 500],
    ['1.s', 1000],
    ['250ms', 250],
    ['2000us', 2],
    ['2000µs', 2],
    ['1h2m3s4ms', 3_723_004],
  ];
  for (const [text, milliseconds] of table) {
    test(`${text} is ${milliseconds} ms`, () => assert.equal(parseTimeout(text), milliseconds));
  }

  for (const text of ['-5s', '-1', 's', '.s', '5 s', '1d', '1h 2m', '1.2.3s', 'soon', '1e3']) {
    test(`${text} is refused`, () =>
      assert.throws(() => parseTimeout(text), /^SealedSecretsError: --request-timeout: /));
  }
});
