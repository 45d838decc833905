import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { TYPE_ITEMS, typeProblem } from '../../../shared/api/secret-type.ts';

function problem(type: string, items: Readonly<Record<string, string | undefined>>): string | undefined {
  const data = new Map(
    Object.entries(items).map(([item, text]) => [item, text === undefined ? undefined : Buffer.from(text)]),
  );
  return typeProblem(`kubernetes.io/${type}`, data)?.replace(
    /^a Secret of type kubernetes\.io\/\S+ needs /,
    '',
  );
}

suite('what a Secret type requires', () => {
  test('is named if it is missing', () => {
    assert.equal(
      typeProblem('kubernetes.io/tls', new Map([['tls.crt', Buffer.from('x')]])),
      'a Secret of type kubernetes.io/tls needs the item tls.key',
    );
    assert.equal(problem('tls', {}), 'the items tls.crt and tls.key');
    assert.equal(problem('basic-auth', {}), 'the item username or password');
    assert.equal(problem('ssh-auth', {}), 'the item ssh-privatekey');
    assert.equal(problem('ssh-auth', { 'ssh-privatekey': '' }), 'an item ssh-privatekey that is not empty');
    assert.equal(problem('dockercfg', {}), 'the item .dockercfg');
    assert.equal(problem('dockerconfigjson', { '.dockercfg': '{}' }), 'the item .dockerconfigjson');
    assert.equal(
      problem('dockerconfigjson', { '.dockerconfigjson': '[]' }),
      'a JSON object in the item .dockerconfigjson',
    );
  });

  test('may exist without a known value', () => {
    for (const type of ['tls', 'basic-auth', 'ssh-auth', 'dockercfg', 'dockerconfigjson']) {
      assert.equal(problem(type, Object.fromEntries(TYPE_ITEMS.map((item) => [item, undefined]))), undefined);
    }
  });

  test('is nothing for unknown types', () => {
    for (const type of [
      '',
      'Opaque',
      'example.com/own',
      'kubernetes.io/',
      'KUBERNETES.IO/TLS',
      'constructor',
    ]) {
      assert.equal(typeProblem(type, new Map()), undefined);
    }
  });
});
