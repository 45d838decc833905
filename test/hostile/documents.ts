import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { at } from '../control-plane/admin-client.ts';
import { ask } from '../support/ask.ts';
import { kubeseal } from '../support/run.ts';
import type { Arena } from './arena.ts';
import type { Attack } from './attack.ts';

const LEVELS = 9_000;

/** Cyclic documents. */
const CYCLES = [
  'kind: SealedSecret\nmetadata: &a {name: a, namespace: a, annotations: *a}\n',
  '&a [*a]\n',
  'kind: Secret\nmetadata: {name: a, namespace: a}\nstringData: &a {a: *a}\n',
];

async function applyDeep(arena: Arena): Promise<string> {
  const ref = { namespace: await arena.namespace('deep'), name: 'deep' };
  // As text: JSON.stringify would overflow the stack at this depth.
  const nested = `${'{"a":'.repeat(LEVELS)}1${'}'.repeat(LEVELS)}`;
  const body = JSON.stringify(await arena.sealed(ref, { a: 'one' }, { metadata: 'NESTED' }));
  const path = `/apis/bitnami.com/v1alpha1/namespaces/${ref.namespace}/sealedsecrets`;
  const { status } = await arena.installation.plane.request('POST', path, body.replace('"NESTED"', nested));
  assert.equal(status, 201, 'the API server refuses the object');
  await sleep(3_000);
  const object = await arena.cluster.get('sealedsecrets', ref);
  const reason = at(object, 'status', 'conditions', 0, 'reason');
  const outcome = typeof reason === 'string' ? reason : 'no status';
  assert.notEqual(outcome, 'Unsealed');
  return outcome;
}

export const DEPTH: Attack = {
  name: 'nested and cyclic documents',
  async run(arena) {
    const outcome = await applyDeep(arena);
    await arena.restart();
    const statuses = [];
    for (const body of CYCLES) {
      const { status } = await ask('POST', `${await arena.controller.url()}/v1/verify`, { body });
      statuses.push(status);
      const validation = await kubeseal(['--cert', '/dev/stdin', '--validate'], { stdin: body });
      assert.equal(validation.code, 1);
      const sealing = await kubeseal(['--cert', '/nonexistent'], { stdin: body });
      for (const { code, stderr } of [validation, sealing]) {
        assert.equal(code, 1, stderr.slice(0, 200));
        assert.doesNotMatch(stderr, /RangeError|Maximum call stack|\n {4}at /);
      }
      await sleep(500);
    }
    assert.deepEqual(statuses, [400, 400, 400]);
    return `${LEVELS} levels: ${outcome}; cyclic: ${statuses.join(', ')}, kubeseal refuses them`;
  },
  async putUnderLoad(arena) {
    await applyDeep(arena);
  },
};
