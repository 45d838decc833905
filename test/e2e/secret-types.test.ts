import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { typeProblem } from '../../shared/api/secret-type.ts';
import { Setup } from '../support/setup.ts';

const setup = new Setup();

const JSON_TEXTS: Readonly<Record<string, string>> = {
  'an empty text': '',
  'a space': ' ',
  'an empty object': '{}',
  'an object with auths': '{"auths":{"registry.example":{"auth":"Ym9iOng="}}}',
  'an object between spaces': '\n\t {} \r\n',
  'an object twice': '{}{}',
  'a key twice': '{"a":1,"a":2}',
  'the key __proto__': '{"__proto__":1}',
  null: 'null',
  'a boolean': 'true',
  'a number': '7',
  'a string': '"x"',
  'a list': '[]',
  'an object cut short': '{"auths":',
  'a comma at the end': '{"a":1,}',
  'single quotes': "{'a':1}",
  'a comment': '{} // x',
  'a byte order mark': '\uFEFF{}',
  'a lone surrogate': '{"a":"\\ud800"}',
  'a control character': '{"a":"\u0001"}',
  'a deep object': `${'{"a":'.repeat(9000)}1${'}'.repeat(9000)}`,
  YAML: 'auths: {}',
  base64: 'e30=',
};

type Data = Readonly<Record<string, string | Buffer>>;
interface Case {
  readonly type: string;
  readonly what: string;
  readonly data: Data;
}

function ofJson(type: string, item: string): Case[] {
  const texts = Object.entries(JSON_TEXTS).map(([what, text]) => ({ type, what, data: { [item]: text } }));
  const invalidUtf8 = Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d]);
  return [
    ...texts,
    { type, what: 'bytes that are not UTF-8 in a string', data: { [item]: invalidUtf8 } },
    { type, what: 'bytes that are not UTF-8', data: { [item]: Buffer.from([0xff]) } },
    { type, what: 'no item', data: {} },
    { type, what: 'another item', data: { other: '{}' } },
  ];
}

/** Returns all combinations of these items, with each item either absent, non-empty or empty. */
function ofItems(type: string, items: readonly string[]): Case[] {
  let all: Data[] = [{}];
  for (const item of items) {
    all = all.flatMap((data) => [data, { ...data, [item]: '' }, { ...data, [item]: 'x' }]);
  }
  return all.map((data) => ({ type, what: `the items ${JSON.stringify(data)}`, data }));
}

const CASES: readonly Case[] = [
  ...ofJson('kubernetes.io/dockerconfigjson', '.dockerconfigjson'),
  ...ofJson('kubernetes.io/dockercfg', '.dockercfg'),
  ...ofItems('kubernetes.io/tls', ['tls.crt', 'tls.key']),
  ...ofItems('kubernetes.io/basic-auth', ['username', 'password']),
  ...ofItems('kubernetes.io/ssh-auth', ['ssh-privatekey', 'other']),
  ...ofItems('Opaque', ['a']),
  ...ofItems('', ['a']),
  ...ofItems('example.com/own', ['a']),
  ...ofItems('kubernetes.io/unknown', ['a']),
];

suite('the rules for types of Secrets', () => {
  test('are those of the API server', async () => {
    const namespace = await setup.plane.createNamespace('types');
    const path = `/api/v1/namespaces/${namespace}/secrets?dryRun=All`;
    const verdicts = { taken: 0, refused: 0 };
    for (const [index, { type, what, data }] of CASES.entries()) {
      const bytes = new Map(Object.entries(data).map(([item, value]) => [item, Buffer.from(value)]));
      const encoded = [...bytes].map(([item, value]) => [item, value.toString('base64')] as const);
      const { status } = await setup.plane.request('POST', path, {
        apiVersion: 'v1',
        kind: 'Secret',
        metadata: { name: `s-${index}` },
        type,
        data: Object.fromEntries<string>(encoded),
      });
      const refused = typeProblem(type, bytes) !== undefined;
      assert.equal(status, refused ? 422 : 201, `${type} with ${what}`);
      verdicts[refused ? 'refused' : 'taken']++;
    }
    assert.ok(verdicts.taken > 30 && verdicts.refused > 30, JSON.stringify(verdicts));
  });
});
