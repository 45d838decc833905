import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { hasPlaceholder, isPlaceholder, MASK } from '../../../cli/lint/placeholders.ts';

suite('a placeholder', () => {
  const placeholders = [
    MASK.repeat(20),
    `prefix-${MASK.repeat(5)}`,
    '{{ .Values.password }}',
    '{{ index .Data "{a}" }}',
    '{{ lookup(\n"env", "PASSWORD") }}',
    '${PASSWORD}',
    '${PASSWORD:=secret}',
    '${vault:secret/data/shop#password}',
    '$(PASSWORD)',
    '$PASSWORD',
    '#{Password}#',
    '<path:secret/data/shop#password>',
    '<path:secret/data/shop#password#2 | base64decode>',
    '<password>',
    'ref+vault://secret/shop#/password',
    'secretref+awsssm://shop/password',
    'op://vault/item/field',
    'vault:secret/data/shop#password',
    '>>vault:secret/data/shop#password',
    'ENC[AES256_GCM,data:Z2Fh,iv:AAAA,tag:BBBB,type:str]',
    'postgres://app:${PASSWORD}@db-01.shop.svc.cluster.local:5432/shop?sslmode=require',
    'postgres://<user>:<password>@db/shop',
    'Server=sql1.example.org;Database=shop;Password=${PASSWORD};',
    'spring:\n  datasource:\n    url: jdbc:postgresql://db:5432/shop\n    password: ${PASSWORD}\n',
    'password: prefix-${PASSWORD}',
    '<configuration><password>${PASSWORD}</password></configuration>',
  ];
  for (const text of placeholders)
    test(`is found in ${JSON.stringify(text)}`, () => {
      assert.ok(hasPlaceholder(text));
      assert.ok(isPlaceholder(text));
    });

  const plain = [
    '',
    'changeme',
    '$',
    'Pa$$w0rd',
    '$ecret',
    '$2y$10$nGgH0nPsvQZlXOmJ1oqKYeRAEyMKVWlsH7ZvrPkq3v3sTrF2lMsOq',
    '$(',
    '${',
    '${}',
    '${9a}',
    '{{',
    '{ {a} }',
    'a<b>c',
    '<a@example.org>',
    'XML <!-- a --> 1 < 2 > 1',
    '<password>x</password>',
    'xref+y',
    'loop://a',
    'vault:only',
    'ENC[',
  ];
  for (const text of plain)
    test(`is not seen in ${JSON.stringify(text)}`, () => {
      assert.ok(!hasPlaceholder(text));
      assert.ok(!isPlaceholder(text));
    });

  const beside = [
    'postgres://app:hunter2@${HOST}/shop',
    'host: ${HOST}\npassword: hunter2\n',
    '{"host": "${HOST}", "api_key": "x"}',
    'HOST=${HOST}\nDB_PASSWORD=x\n',
    `PASSWORD=${'x'.repeat(100)}\${HOST}`,
    'sk_live_4eC39HqLyjWDarjtT1zdp7dc${SUFFIX}',
    '${PREFIX} 9f86d081884c7d659a2feaa0c55ad015',
    '<config><host>${HOST}</host><password>hunter2</password></config>',
  ];
  for (const [index, text] of beside.entries())
    test(`does not hide a secret beside it, case ${index + 1}`, () => {
      assert.ok(hasPlaceholder(text));
      assert.ok(!isPlaceholder(text));
    });

  const hostile = [
    ...['${', '$(', '{{', '{{ {', '{{}', '#{a', '<a', 'ref+a', 'ref+a://', 'op://', 'ENC[A,', '>vault:a'],
    ...['password:', '://a:', '://', '"password" \t', 'a1', '$A', `password:a${MASK}`, 'a'.repeat(15)],
  ];
  for (const part of hostile)
    test(`is looked for in a megabyte of ${JSON.stringify(part)} in linear time`, () => {
      const text = part.repeat(1_000_000 / part.length);
      for (const each of [text, `${MASK}${text}`, `${text}${MASK}`, `</${text}\${A}`])
        assert.equal(isPlaceholder(each) && !hasPlaceholder(each), false);
    });
});
