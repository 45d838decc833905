import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { PATCH } from '../../../shared/api/annotations.ts';
import type { Ref } from '../../../shared/kubernetes/api/api.ts';
import { at, listAt } from '../../control-plane/admin-client.ts';
import { itemsOf, uidOf } from '../../support/cluster.ts';
import { base64 } from '../../support/objects.ts';
import { NAMESPACE, startTestBed, type TestBed } from '../../support/test-bed.ts';

const CANARY = 'a-canary-of-templates';
const ITEMS = { user: 'ada', password: CANARY };
const CONF = 'user={{ .user }} password={{ .pasword }}';
const MISSING = 'template item conf refers to missing item "pasword"';
const URL = '{{ .user }}:{{ .password }}';
const RENDERED = { user: 'ada', url: `ada:${CANARY}` };

/** A template or null for each item. */
type Templates = Readonly<Record<string, string | null>>;

function seal(
  { seal }: TestBed,
  data: Templates,
  more: object = {},
  items: Record<string, string> = ITEMS,
): Ref {
  return seal('db', { data, ...more }, items);
}

/** Replaces the templates of a SealedSecret. */
function edit({ server }: TestBed, ref: Ref, data: Templates): void {
  server.change('sealedsecrets', ref, { spec: { template: null } });
  // Not a merge patch, in which null removes an item.
  const object = server.get('sealedsecrets', ref);
  const spec = { ...(at(object, 'spec') as object), template: { data } };
  const path = `/apis/bitnami.com/v1alpha1/namespaces/${ref.namespace}/sealedsecrets/${ref.name}`;
  assert.equal(server.request('PUT', path, { ...object, spec }).status, 200);
}

function itemsIn({ server }: TestBed, ref: Ref): Record<string, string> {
  return itemsOf(server.get('secrets', ref));
}

function reasons({ server }: TestBed, ref: Ref): unknown[] {
  return server.events(ref).map(({ reason }) => reason);
}

suite('a template of null', () => {
  test('leaves its item out of the Secret, which is synced, and other templates see the item', async (t) => {
    const bed = await startTestBed(t);
    const ref = seal(bed, { password: null, none: null, url: URL });
    const { reason, message } = await bed.controller.settle(ref);
    assert.deepEqual([reason, message], ['Unsealed', '']);
    assert.deepEqual(itemsIn(bed, ref), RENDERED);
  });

  test('takes the item from the Secret when it comes, and gives it back when it goes', async (t) => {
    const bed = await startTestBed(t);
    const ref = seal(bed, { url: URL });
    await bed.controller.settle(ref);
    assert.deepEqual(itemsIn(bed, ref), { ...RENDERED, ...ITEMS });
    edit(bed, ref, { password: null, url: URL });
    await bed.controller.settle(ref);
    assert.deepEqual(itemsIn(bed, ref), RENDERED);
    edit(bed, ref, { url: URL });
    await bed.controller.settle(ref);
    assert.deepEqual(itemsIn(bed, ref), { ...RENDERED, ...ITEMS });
  });

  test('keeps the item out of the Secret when another client puts it there', async (t) => {
    const bed = await startTestBed(t);
    const ref = seal(bed, { password: null, url: URL });
    await bed.controller.settle(ref);
    bed.server.change('secrets', ref, { data: { password: base64('theirs') } });
    await bed.controller.settle(ref);
    assert.deepEqual(itemsIn(bed, ref), RENDERED);
  });

  test('neither adds nor removes the item in a Secret of others that is patched', async (t) => {
    const bed = await startTestBed(t);
    const metadata = { namespace: NAMESPACE, name: 'db', annotations: { [PATCH]: 'true' } };
    bed.server.create('secrets', { metadata, data: { password: base64('theirs'), other: base64('kept') } });
    const ref = seal(bed, { password: null, url: URL });
    assert.equal((await bed.controller.settle(ref)).reason, 'Patched');
    assert.deepEqual(itemsIn(bed, ref), { ...RENDERED, password: 'theirs', other: 'kept' });
  });

  test('is refused if the type of the Secret requires the item, which the status reports', async (t) => {
    const bed = await startTestBed(t);
    const items = { 'tls.crt': 'a', 'tls.key': 'b' };
    const ref = seal(bed, { 'tls.crt': null }, { type: 'kubernetes.io/tls' }, items);
    const { reason, message } = await bed.controller.settle(ref);
    const words =
      'a Secret of type kubernetes.io/tls needs the item tls.crt: the API server refuses it otherwise';
    assert.deepEqual([reason, message], ['InvalidData', words]);
    assert.equal(bed.server.get('secrets', ref), undefined);
  });

  test('makes the Secret empty where it was the only item', async (t) => {
    const bed = await startTestBed(t);
    const ref = seal(bed, { user: null }, {}, { user: 'ada' });
    assert.equal((await bed.controller.settle(ref)).status, 'True');
    assert.deepEqual(itemsIn(bed, ref), {});
  });
});

suite('a template that refers to a missing item', () => {
  test('is rendered, and reported in the status and in one event', async (t) => {
    const bed = await startTestBed(t);
    const ref = seal(bed, { conf: CONF });
    const { reason, message } = await bed.controller.settle(ref);
    assert.deepEqual([reason, message], ['Unsealed', MISSING]);
    assert.equal(itemsIn(bed, ref)['conf'], 'user=ada password=<no value>');
    assert.deepEqual(bed.server.events(ref).at(-1), { reason: 'MissingItem', message: MISSING });
    assert.deepEqual(reasons(bed, ref), ['Unsealed', 'MissingItem']);
  });

  test('is not reported again when the Secret is repaired, but after an edit', async (t) => {
    const bed = await startTestBed(t);
    const ref = seal(bed, { conf: CONF });
    await bed.controller.settle(ref);
    const items = itemsIn(bed, ref);
    bed.server.change('secrets', ref, { data: { user: null } });
    await bed.controller.settle(ref);
    assert.deepEqual(itemsIn(bed, ref), items);
    assert.deepEqual(reasons(bed, ref), ['Unsealed', 'MissingItem']);
    edit(bed, ref, { conf: CONF, more: '{{ .none }}' });
    const { message } = await bed.controller.settle(ref);
    assert.equal(message, `${MISSING}; template item more refers to missing item "none"`);
    assert.deepEqual(reasons(bed, ref), ['Unsealed', 'MissingItem', 'Unsealed', 'MissingItem']);
    edit(bed, ref, { conf: '{{ .password }}' });
    assert.equal((await bed.controller.settle(ref)).message, '');
  });

  test('is not reported where the template allows for the absence', async (t) => {
    const bed = await startTestBed(t);
    const conf = '{{ if .tls }}{{ .cert }}{{ end }}{{ .port | default "5432" }}';
    const ref = seal(bed, { conf });
    assert.equal((await bed.controller.settle(ref)).message, '');
    assert.deepEqual(reasons(bed, ref), ['Unsealed']);
  });
});

suite('with --strict-templates', () => {
  const REFUSED = 'template: conf:1: refers to missing item "pasword" (conf)';

  test('a restart refuses what was synced, and leaves its Secret as it is', async (t) => {
    const bed = await startTestBed(t);
    const ref = seal(bed, { conf: CONF });
    await bed.controller.settle(ref);
    const before = bed.server.get('secrets', ref);
    bed.controller.restart({ strictTemplates: true });
    const { reason, message } = await bed.controller.settle(ref);
    assert.deepEqual([reason, message], ['TemplateError', REFUSED]);
    assert.equal(bed.server.get('secrets', ref), before);
  });

  test('no Secret is created until the template is corrected', async (t) => {
    const bed = await startTestBed(t, { strictTemplates: true });
    const ref = seal(bed, { conf: CONF });
    const { reason, message, object } = await bed.controller.settle(ref);
    assert.deepEqual([reason, message], ['TemplateError', REFUSED]);
    assert.deepEqual(
      listAt(object, 'status', 'conditions').map((condition) => at(condition, 'type')),
      ['Synced', 'Stalled'],
    );
    assert.equal(bed.server.get('secrets', ref), undefined);
    assert.deepEqual(bed.server.events(ref), [
      { reason: 'ErrUnsealFailed', message: `Failed to unseal: ${REFUSED}` },
    ]);
    edit(bed, ref, { conf: 'user={{ .user }}' });
    await bed.controller.settle(ref);
    assert.equal(itemsIn(bed, ref)['conf'], 'user=ada');
  });

  test('a template that allows for the absence is rendered', async (t) => {
    const bed = await startTestBed(t, { strictTemplates: true });
    const ref = seal(bed, { conf: '{{ if .tls }}{{ .cert }}{{ else }}plain{{ end }}' });
    await bed.controller.settle(ref);
    assert.equal(itemsIn(bed, ref)['conf'], 'plain');
  });
});

suite('a template', () => {
  test('that breaks leaves the Secret as it was, and works again when it is corrected', async (t) => {
    const bed = await startTestBed(t);
    const ref = seal(bed, { greeting: 'Hello {{ .user }}' });
    await bed.controller.settle(ref);
    const before = bed.server.get('secrets', ref);
    edit(bed, ref, { greeting: 'Hello {{ .user' });
    assert.equal((await bed.controller.settle(ref)).reason, 'TemplateError');
    assert.equal(bed.server.get('secrets', ref), before);
    edit(bed, ref, { greeting: 'Hi {{ .user }}' });
    await bed.controller.settle(ref);
    assert.equal(uidOf(bed.server.get('secrets', ref)), uidOf(before));
    assert.equal(itemsIn(bed, ref)['greeting'], 'Hi ada');
  });

  test('with another value on every run keeps its value until the SealedSecret changes', async (t) => {
    const bed = await startTestBed(t);
    const random = '{{ randAlphaNum 20 }}';
    const ref = seal(bed, { random, plain: 'x' });
    await bed.controller.settle(ref);
    const before = itemsIn(bed, ref);
    for (const isRestart of [false, true]) {
      if (isRestart) bed.controller.restart();
      bed.server.change('secrets', ref, { data: { plain: null } });
      await bed.controller.settle(ref);
      assert.deepEqual(itemsIn(bed, ref), before);
    }
    edit(bed, ref, { random, plain: 'z' });
    await bed.controller.settle(ref);
    const { plain, random: value } = itemsIn(bed, ref);
    assert.equal(plain, 'z');
    assert.notEqual(value, before['random']);
  });

  const failures: readonly (readonly [what: string, broken: string, message: RegExp])[] = [
    ['does not parse', '{{ if }}', /^template: broken:1: missing value for if \(broken\)$/],
    ['fails with a value', '{{ fail .password }}', /^template: broken: failed while running, .+ \(broken\)$/],
    [
      'asks for the environment',
      '{{ env "PATH" }}',
      /^template: broken:1: function "env" not defined \(broken\)$/,
    ],
  ];
  for (const [what, broken, expected] of failures) {
    test(`that ${what} fails its object, and shows no value`, async (t) => {
      const bed = await startTestBed(t);
      const ref = seal(bed, { broken });
      const { reason, message } = await bed.controller.settle(ref);
      assert.equal(reason, 'TemplateError');
      assert.match(message, expected);
      assert.equal(bed.server.get('secrets', ref), undefined);
      const shown = [...bed.controller.log.map(({ line }) => line), JSON.stringify(bed.server.writes)].join(
        '\n',
      );
      assert.match(shown, /broken/);
      assert.ok(!shown.includes(CANARY));
      assert.match(await bed.controller.registry.metrics(), /template_failures_total 1/);
    });
  }
});
