import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { CONTENT_RULES } from './content-rules.ts';
import { parseSecret } from '../../../shared/api/secret.ts';
import { formatDocuments, sealedSecretJson } from '../../../shared/manifest/write.ts';
import { seal } from '../../../shared/seal/seal.ts';
import { SCOPES } from '../../../shared/seal/scope.ts';
import { sealingPair } from '../../support/keys.ts';
import { randomFrom } from '../../support/random.ts';
import { lineFor, problemsIn } from './rule-on.ts';

const RUNS = 300;
const { certificate } = await sealingPair();
const random = randomFrom(20);

function below(limit: number): number {
  return Math.floor(random() * limit);
}

function oneOf<T>(first: T, ...more: readonly T[]): T {
  return more[below(more.length + 1) - 1] ?? first;
}

function text(alphabet: string, length: number): string {
  return Array.from({ length }, () => alphabet.charAt(below(alphabet.length))).join('');
}

/** Returns a name that Kubernetes accepts, often one with unusual letters. */
function name(): string {
  return `${text('abz09', 1)}${text('a0-', below(20))}${text('xz9', 1)}`;
}

/** The items of a Secret of each type, with more beside them. */
function secretData(): { type: string; stringData: Record<string, string> } {
  const value = text('aé=:{}$ \n"\'<', 1 + below(40));
  const [type, ...items] = oneOf(
    ['Opaque', 'password'],
    ['kubernetes.io/tls', 'tls.crt', 'tls.key'],
    ['kubernetes.io/basic-auth', 'username'],
    ['kubernetes.io/ssh-auth', 'ssh-privatekey'],
    ['example.com/own', `a${text('aA0._-', 3)}`],
  );
  const more = Array.from({ length: below(4) }, () => text('aA0_-', 1 + below(30)));
  return {
    type,
    stringData: Object.fromEntries([...items, ...more].map((item) => [item, value])),
  };
}

suite('what kubeseal has just sealed', () => {
  test('has no findings, whatever its scope, type, names, labels and format', async () => {
    for (let run = 0; run < RUNS; run++) {
      const source = {
        apiVersion: 'v1',
        kind: 'Secret',
        metadata: {
          name: oneOf(name(), `${name()}.${name()}`),
          namespace: name(),
          labels: { [name()]: text('aA0', below(9)) },
          annotations: { [name()]: text('aé{}$:\n', below(99)) },
        },
        ...(oneOf(true, false) ? { immutable: oneOf(true, false) } : {}),
        ...secretData(),
      };
      const place = { source: 'secret.yaml' };
      const sealed = await seal(parseSecret(source, place), {
        certificate,
        place,
        scope: oneOf(...([SCOPES[0] ?? 'strict', ...SCOPES] as const)),
      });
      const manifest = formatDocuments([sealedSecretJson(sealed)], oneOf('json', 'yaml'));
      for (const rule of CONTENT_RULES) {
        const found = await problemsIn(rule, manifest);
        assert.deepEqual(found.map(lineFor), [], manifest);
      }
    }
  });
});
