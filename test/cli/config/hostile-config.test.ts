import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { clusterOf } from '../../../cli/config/cluster-of.ts';
import { parseConfig } from '../../../cli/config/parse-config.ts';
import { SealedSecretsError } from '../../../shared/errors.ts';
import { someSlips, withSlips } from '../../support/yaml-slips.ts';

const TEXT = `
clusters:
  prod: &prod
    certificate: certs/prod.pem
    context: prod
    paths: ['overlays/prod/', 'clusters/prod/**', '!**/a[b-c]*/']
  staging: {certificate: 'https://staging.example.com/c.pem', paths: [staging/]}
scope: strict
maxScope: namespace-wide
record: true
lint:
  rules: {S004: off, plaintext-secret: warning}
  exclude: ['charts/*/templates/']
`;
const RUNS = 2000;

test('a .kubeseal.yaml with a slip of the hand is read, or refused in one line of our own', () => {
  const counts = { read: 0, refused: 0 };
  fc.assert(
    fc.property(someSlips, (all) => {
      const text = withSlips(TEXT, all);
      try {
        const config = parseConfig(Buffer.from(text), { file: 'f', folder: '/repo' });
        clusterOf(config, '/repo/overlays/prod/a/b.yaml');
        counts.read++;
      } catch (error) {
        assert.ok(error instanceof SealedSecretsError, `${String(error)} of ${JSON.stringify(text)}`);
        assert.match(error.message, /^f[^\p{Cc}\p{Zl}\p{Zp}]{1,3000}$/u, JSON.stringify(error.message));
        counts.refused++;
      }
    }),
    { seed: 1, numRuns: RUNS },
  );
  assert.ok(counts.read > RUNS / 50 && counts.refused > RUNS / 2, JSON.stringify(counts));
});
