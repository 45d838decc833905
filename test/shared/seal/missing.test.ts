import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { utf8Text } from '../../../shared/bytes.ts';
import { parseSealedSecret } from '../../../shared/api/sealed-secret.ts';
import { describeMissing } from '../../../shared/seal/describe-missing.ts';
import { MAX_MISSING, type MissingItems } from '../../../shared/seal/missing.ts';
import { missingItems, renderTemplates } from '../../../shared/seal/templates.ts';
import { sealingPair } from '../../support/keys.ts';
import { sealedSecret } from '../../support/sealed.ts';
import { unsealHere } from './unseal-here.ts';
import { sealFailure } from '../../../shared/seal/errors.ts';

const { key, certificate } = await sealingPair();
const PLACE = { source: 'test' };

function templates(data: Readonly<Record<string, string | null>>): Map<string, string | null> {
  return new Map(Object.entries(data));
}

async function missingIn(
  items: Readonly<Record<string, string>>,
  data: Readonly<Record<string, string | null>>,
): Promise<{ missing: MissingItems; data: Record<string, string> }> {
  const object = sealedSecret(certificate, { name: 'db', namespace: 'prod' }, items, { template: { data } });
  const sealed = parseSealedSecret(object, PLACE);
  const result = await unsealHere(sealed, key);
  assert.ok(result.ok);
  const { missing, secret } = result.unsealed;
  // The names alone lead to the same result.
  assert.deepEqual(missingItems(sealed.template.data, sealed.encryptedData.keys()), missing);
  return {
    missing,
    data: Object.fromEntries([...secret.data].map(([item, value]) => [item, utf8Text(value)])),
  };
}

/** Renders in strict mode. */
function strictly(
  items: Readonly<Record<string, string>>,
  data: Readonly<Record<string, string | null>>,
  ran: string[] = [],
): string {
  const values = new Map(Object.entries(items).map(([item, value]) => [item, Buffer.from(value)]));
  const options = { strict: true, onStart: (item: string) => void ran.push(item) };
  const rendered = renderTemplates(templates(data), values, { errorDetail: 'withheld', ...options });
  return 'problems' in rendered
    ? sealFailure({ code: 'Unseal', problems: rendered.problems }).describe()
    : 'rendered';
}

suite('a template that reads an item that does not exist', () => {
  test('renders the same bytes as Go, and is reported by name', async () => {
    const { data, missing } = await missingIn({ password: 'pw' }, { conf: 'p={{ .pasword }}' });
    assert.equal(data['conf'], 'p=<no value>');
    assert.deepEqual(missing, { first: [{ template: 'conf', name: 'pasword' }], count: 1 });
    assert.equal(describeMissing(missing), 'template item conf refers to missing item "pasword"');
  });

  test('is not reported for existing items, templates, or items that are left out', async () => {
    const { missing } = await missingIn(
      { user: 'ada', 'a-b': 'x', hidden: 'y' },
      { host: 'db', hidden: null, conf: '{{ .user }}{{ .host }}{{ .hidden }}{{ index . "a-b" }}' },
    );
    assert.deepEqual(missing, { first: [], count: 0 });
    assert.equal(describeMissing(missing), '');
  });

  test('is reported for an item that is null and has no value', async () => {
    const { missing } = await missingIn({ user: 'ada' }, { none: null, conf: '{{ .none }}' });
    assert.deepEqual(missing.first, [{ template: 'conf', name: 'none' }]);
  });

  test('has the same report whatever the values are', async () => {
    const data = { conf: '{{ if eq .mode "a" }}{{ .one }}{{ else }}{{ .two }}{{ end }}{{ .three }}' };
    const results = await Promise.all(
      ['a', 'b'].map(async (mode) => (await missingIn({ mode }, data)).missing),
    );
    assert.deepEqual(results[0], results[1]);
    assert.deepEqual(results[0]?.first, [{ template: 'conf', name: 'three' }]);
  });

  test('is reported in the order of the template names, whatever the order in the object', () => {
    const [one, other] = [
      { b: '{{ .y }}{{ .x }}', a: '{{ .z }}' },
      { a: '{{ .z }}', b: '{{ .y }}{{ .x }}' },
    ];
    assert.deepEqual(missingItems(templates(one), []), missingItems(templates(other), []));
    assert.equal(
      describeMissing(missingItems(templates(one), [])),
      'template item a refers to missing item "z"; template item b refers to missing item "y"; ' +
        'template item b refers to missing item "x"',
    );
  });

  test('is not reported if a template cannot be parsed', () => {
    assert.deepEqual(missingItems(templates({ a: '{{ .z }}', b: '{{ if }}' }), []).count, 0);
  });

  test('has a bounded report that counts what it omits', () => {
    const many = Object.fromEntries(
      Array.from({ length: 300 }, (_, i) => [
        `t${i}-${'n'.repeat(200)}`,
        `{{ .${'x'.repeat(2000)}${i} }}{{ .b }}`,
      ]),
    );
    const missing = missingItems(templates(many), []);
    assert.equal(missing.count, 600);
    assert.equal(missing.first.length, MAX_MISSING);
    const text = describeMissing(missing);
    assert.ok(text.length <= 1024);
    const count = text.match(/refers to/g)?.length ?? 0;
    assert.ok(count > 0 && text.endsWith(`; and ${600 - count} more`), text);
    const odd = missingItems(templates({ 'a\u001b[2J': '{{ index . "b\\u202e\\n" }}' }), []);
    assert.equal(describeMissing(odd), 'template item a\\u{1b}[2J refers to missing item "b\\u{202e}\\u{a}"');
  });

  test('is reported by name even if escaping makes both names long', () => {
    const [template, name] = ['\u0001'.repeat(300), '\u202e'.repeat(300)];
    const text = describeMissing({ first: [{ template, name }], count: 3 });
    assert.match(text, /^template item (\\u\{1\})+…? refers to .*; and 2 more$/);
    assert.ok(text.length <= 1024);
  });

  test('fails in strict mode before any template runs, with its line and the first three names', () => {
    const ran: string[] = [];
    const data = { ok: 'x', conf: 'a\n{{ .b }}{{ .c }}', more: '{{ .d }}{{ .e }}{{ .f }}{{ .g }}' };
    assert.equal(
      strictly({}, data, ran),
      'template: conf:2: refers to missing items "b", "c" (conf)\n' +
        'template: more:1: refers to missing items "d", "e", "f" and 1 more (more)',
    );
    assert.deepEqual(ran, []);
  });

  test('fails in strict mode only if it does not handle the absence', () => {
    const data = { conf: '{{ if .a }}{{ .a }}{{ end }}{{ .b | default "x" }}{{ .user }}' };
    assert.equal(strictly({ user: 'ada' }, data), 'rendered');
    assert.equal(
      strictly({ user: 'ada' }, { conf: '{{ .usr }}' }),
      'template: conf:1: refers to missing item "usr" (conf)',
    );
  });
});
