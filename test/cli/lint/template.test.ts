import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { template } from '../../../cli/lint/rules/template.ts';
import { MASK } from '../../../cli/lint/placeholders.ts';
import { linesFor, problemsIn, SEALED, sealedYaml } from './rule-on.ts';

function withTemplate(text: string, more: readonly string[] = []): string {
  return sealedYaml({
    spec: [
      `encryptedData: { user: ${SEALED}, password: ${SEALED} }`,
      'template:',
      '  data:',
      `    url: ${JSON.stringify(text)}`,
      ...more.map((line) => `    ${line}`),
    ],
  });
}

/** Returns what is said about a template, without its place. */
async function messagesOn(text: string): Promise<readonly string[]> {
  const lines = await linesFor(template, withTemplate(text));
  return lines.map((line) =>
    line.replace(/^S011 (error|warning) spec\.template\.data\.url: the template of the item "url" /, '$1: '),
  );
}

suite('S011 on the templates of a SealedSecret', () => {
  test('accepts templates that use items, other templates, and tested items', async () => {
    for (const text of [
      'postgres://{{ .user }}:{{ .password | urlquery }}@db',
      '{{ .url }}',
      '{{ if .tls }}s{{ end }}',
      '{{ .port | default "5432" }}',
      'no template',
      '',
    ]) {
      assert.deepEqual(await messagesOn(text), [], text);
    }
    const hidden = withTemplate('{{ .other }}', ['other: text', 'gone: null']);
    assert.deepEqual(await linesFor(template, hidden), []);
  });

  test('reports an item that does not exist as a warning, and the nearest one', async () => {
    const [problem, ...more] = await problemsIn(template, withTemplate('{{ .usr }}'));
    assert.deepEqual(more, []);
    assert.equal(problem?.severity, 'warning');
    assert.deepEqual(problem.at, ['spec', 'template', 'data', 'url']);
    assert.equal(problem.message, 'the template of the item "url" uses the item "usr", which does not exist');
    assert.equal(problem.advice, 'did you mean "user"?');
  });

  for (const [text, words] of [
    ['{{ .user', 'unclosed action'],
    ['{{ if .user }}', 'unexpected EOF'],
    ['{{ end }}', 'unexpected {{end}}'],
    ['{{ .user | defualt "a" }}', 'it calls a function that does not exist; did you mean default?'],
    ['{{ "a }}', 'unterminated quoted string'],
    ['{{ if }}{{ end }}', 'an action lacks a value'],
    ['{{ (.user }}', 'unclosed left paren'],
    ['{{ if . }}'.repeat(201), '{{if}} is nested deeper than 200'],
    [`{{ ${'('.repeat(300)} }}`, 'max expression depth exceeded'],
  ] as const) {
    test(`reports ${text.slice(0, 40)} in words of Go`, async () => {
      assert.deepEqual(await messagesOn(text), [`error: does not parse: ${words} (line 1 of the template)`]);
    });
  }

  test('says in which line of the template the mistake is', async () => {
    assert.deepEqual(await messagesOn('a\nb\n{{ nothing }}'), [
      'error: does not parse: it calls a function that does not exist (line 3 of the template)',
    ]);
  });

  for (const text of [
    '{{ hunter2secret }}',
    '{{ $hunter2secret }}',
    '{{ 2hunter2secret }}',
    '{{ .user . hunter2secret }}',
    '{{ "hunter2secret" . "hunter2secret" | "hunter2secret" }}',
    '{{ hunter2secret: }}',
    "{{ 'hunter2secret' }}",
    '{{ define "hunter2secret" }}a{{ end }}{{ define "hunter2secret" }}b{{ end }}',
    '{{ template hunter2secret }}',
    '{{ if hunter2secret in command }}',
    '{{ .user | hunter2secret in operand }}',
    'hunter2secret {{ .user } hunter2secret',
    '{{ /* hunter2secret */ hunter2secret }}',
    '{{ .a.hunter2secret "hunter2secret }}',
  ]) {
    test(`quotes nothing of ${text}`, async () => {
      for (const { message, advice } of await problemsIn(template, withTemplate(text)))
        assert.doesNotMatch(message + advice, /hunter|secret/);
    });
  }

  test('leaves templates to Helm that are for Helm first', async () => {
    for (const text of [
      'https://{{ .Values.host }}/{{ .user }}',
      '{{ include "shop.url" . }}',
      '{{- tpl .Values.url . }}',
      `https://${MASK.repeat(9)}/`,
    ]) {
      assert.deepEqual(await messagesOn(text), []);
    }
  });

  test('reports every template, and every missing item once', async () => {
    const text = withTemplate('{{ .a }}{{ .a }}{{ .b }}', ['other: "{{ end }}"', 'third: "{{ .c }}"']);
    const lines = await linesFor(template, text);
    assert.deepEqual(
      lines.map((line) => /"(\w+)", which|item "(\w+)" does not parse/.exec(line)?.slice(1).join('')),
      ['a', 'b', 'other', 'c'],
    );
  });

  test('knows no items of the deprecated spec.data', async () => {
    const spec = [`data: ${SEALED}`, 'template: { data: { url: "{{ .user }}" } }'];
    assert.deepEqual(await linesFor(template, sealedYaml({ spec })), []);
  });
});
