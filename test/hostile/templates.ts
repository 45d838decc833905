import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Ref } from '../../shared/kubernetes/api/api.ts';
import { at, stringAt } from '../control-plane/admin-client.ts';
import { oversizedRsaKey } from '../support/oversized-key.ts';
import type { Arena } from './arena.ts';
import type { Attack } from './attack.ts';

const MIB = 1 << 20;

interface TemplatesAndItems {
  /** The templates by item. */
  readonly data: Readonly<Record<string, string>>;
  /** The plaintext of the encrypted items. */
  readonly items?: Readonly<Record<string, string>>;
}

/** Creates a SealedSecret with these templates. */
async function apply(arena: Arena, ref: Ref, { data, items = {} }: TemplatesAndItems): Promise<void> {
  await arena.cluster.create('sealedsecrets', await arena.sealed(ref, items, { data }));
}

let round = 0;

/** Creates two objects whose templates use the made-up key. */
async function useMadeUpKey(arena: Arena): Promise<Ref[]> {
  const key = oversizedRsaKey();
  const namespace = await arena.namespace('keys');
  const refs = ['one', 'two'].map((name) => ({ namespace, name: `${name}-${++round}` }));
  const call = `{{ (genSelfSignedCertWithKey "a" (list) (list) 1 ${JSON.stringify(key)}).Cert }}`;
  for (const ref of refs) await apply(arena, ref, { data: { cert: call } });
  return refs;
}

/** Returns how many SealedSecrets wait for a retry. */
async function countDelayed(arena: Arena): Promise<number> {
  const [, count = ''] = /queue_depth\{lane="delayed"\} (\d+)/.exec(await arena.controller.metrics()) ?? [];
  return Number(count);
}

async function breakMany(arena: Arena, ref: Ref, edits: number): Promise<void> {
  const broken = (edit: number): Record<string, string> =>
    Object.fromEntries(Array.from({ length: 20_000 }, (_, index) => [`t${index}`, `{{${edit}`]));
  await apply(arena, ref, { data: broken(0) });
  for (let edit = 1; edit <= edits; edit++) {
    await arena.cluster.change('sealedsecrets', ref, { spec: { template: { data: broken(edit) } } });
    await sleep(200);
  }
}

export const OUTPUT: Attack = {
  name: 'many large outputs of one object',
  async run(arena) {
    const ref = { namespace: await arena.namespace('outputs'), name: 'large' };
    await apply(arena, ref, { data: outputs() });
    const condition = await arena.cluster.told(ref, 'False', 60_000);
    // Both are final: the controller never sends a Secret that the API server would refuse.
    assert.ok(['InvalidData', 'TemplateError'].includes(condition.reason), condition.reason);
    for (let check = 0; check < 10; check++) {
      assert.equal(await countDelayed(arena), 0, 'it waits for a retry');
      await sleep(200);
    }
    return `${condition.reason}, not retried`;
  },
  async putUnderLoad(arena) {
    await apply(arena, { namespace: await arena.namespace('outputs'), name: 'large' }, { data: outputs() });
  },
};

function outputs(): Record<string, string> {
  const text = `{{ repeat ${MIB} "x" }}`;
  return Object.fromEntries(Array.from({ length: 150 }, (_, index) => [`t${index}`, text]));
}

export const NATIVE: Attack = {
  name: 'a made-up RSA key of 65,536 bits',
  async run(arena) {
    const reasons = [];
    let longest = 0;
    for (let time = 0; time < 2; time++) {
      const refs = await useMadeUpKey(arena);
      await sleep(500);
      const good = { namespace: await arena.namespace('good'), name: 'good' };
      const start = performance.now();
      await apply(arena, good, { data: { b: '{{ upper .a }}' }, items: { a: 'one' } });
      await arena.cluster.secretWith(good, { a: 'one', b: 'ONE' });
      longest = Math.max(longest, performance.now() - start);
      for (const ref of refs) reasons.push((await arena.cluster.told(ref, 'False')).reason);
    }
    assert.ok(longest < 10_000, `another template waited ${(longest / 1000).toFixed(1)} s`);
    return `${[...new Set(reasons)].join(', ')}; another template is rendered in ${(longest / 1000).toFixed(1)} s`;
  },
  async putUnderLoad(arena) {
    await useMadeUpKey(arena);
  },
};

/** The longest acceptable log line, in characters. */
const MAX_LINE = 8_192;
/** The longest message of an event in Kubernetes, in characters. */
const MAX_MESSAGE = 1_024;

export const MANY_BROKEN: Attack = {
  name: '20,000 broken templates, edited repeatedly',
  async run(arena) {
    const ref = { namespace: await arena.namespace('broken'), name: 'broken' };
    await breakMany(arena, ref, 8);
    await arena.cluster.told(ref, 'False');
    const line = Math.max(...arena.controller.output.split('\n').map(({ length }) => length));
    const events = await arena.cluster.list('events', ref.namespace);
    const message = Math.max(0, ...events.map((event) => stringAt(event, 'message').length));
    const status = JSON.stringify(at(await arena.cluster.get('sealedsecrets', ref), 'status')).length;
    assert.ok(line <= MAX_LINE, `a line of ${line} characters`);
    assert.ok(message <= MAX_MESSAGE, `an event of ${message} characters`);
    return `longest line ${line}, event ${message}, status ${status} characters`;
  },
  async putUnderLoad(arena) {
    await breakMany(arena, { namespace: await arena.namespace('broken'), name: 'broken' }, 0);
  },
};

export const ORACLE: Attack = {
  name: 'templates that fail depending on a value',
  async run(arena) {
    const namespace = await arena.namespace('oracle');
    const template = '{{ if eq .a "one" }}{{ index (list) 1 }}{{ end }}\n\n\n{{ index (list 1 2) 3 }}';
    const messages = [];
    for (const value of ['one', 'two']) {
      const ref = { namespace, name: `secret-of-${value}` };
      await apply(arena, ref, { data: { b: template }, items: { a: value } });
      const { message } = await arena.cluster.told(ref, 'False');
      messages.push(message.replaceAll(ref.name, 'NAME'));
    }
    assert.equal(messages[0], messages[1], messages.join(' is not '));
    return `both: ${messages[0] ?? ''}`;
  },
};
