import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { certificateProblems } from '../../../cli/lint/rules/certificate-expiry.ts';
import { sealingPair } from '../../support/keys.ts';

const NOW = new Date('2026-11-30T12:00:00Z');
const DAY = 24 * 60 * 60 * 1000;
const { certificate } = await sealingPair();

/** Returns the findings for a certificate that is valid between two days, counted from now. */
function problemsBetween(from: number, to: number): string[] {
  const problems = certificateProblems(
    {
      certificate: {
        ...certificate,
        notBefore: new Date(NOW.getTime() + from * DAY),
        notAfter: new Date(NOW.getTime() + to * DAY),
      },
    },
    NOW,
  );
  return problems.map(({ rule, severity, message }) => `${rule} ${severity ?? 'error'}: ${message}`);
}

suite('S012 on the certificate of a cluster', () => {
  test('reports one that has expired', () => {
    assert.deepEqual(problemsBetween(-365, -1), [
      'S012 error: the certificate expired on 2026-11-29: kubeseal refuses to seal with it',
    ]);
  });

  test('warns of one that expires in 30 days or less', () => {
    assert.deepEqual(problemsBetween(-365, 30), ['S012 warning: the certificate expires on 2026-12-30']);
    assert.deepEqual(problemsBetween(-365, 0), ['S012 warning: the certificate expires on 2026-11-30']);
    assert.deepEqual(problemsBetween(-365, 30.01), []);
  });

  test('reports one that is not valid yet', () => {
    assert.deepEqual(problemsBetween(1, 365), [
      'S012 error: the certificate is valid only from 2026-12-01: until then, kubeseal refuses to seal with it',
    ]);
    assert.deepEqual(problemsBetween(0, 365), []);
  });
});
