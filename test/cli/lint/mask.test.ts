import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { maskActions } from '../../../cli/lint/mask.ts';
import { MASKS } from '../../../cli/lint/placeholders.ts';

/** Shows placeholders as `~`. */
function masked(text: string): string {
  const result = maskActions(text);
  assert.equal(result.length, text.length);
  assert.deepEqual(breaks(result), breaks(text));
  return result.replace(new RegExp(`[${MASKS}]`, 'g'), '~');
}

function breaks(text: string): readonly number[] {
  return [...text.matchAll(/\r?\n/g)].map(({ index }) => index);
}

suite('the mask of template actions', () => {
  test('puts placeholders in place of an action', () => {
    assert.equal(masked('name: {{ .x }}-db'), 'name: ~~~~~~~~-db');
    assert.equal(masked('{{ .a }}: "{{ "b" }}"'), '~~~~~~~~: "~~~~~~~~~"');
  });

  test('blanks a line with nothing but actions', () => {
    assert.equal(masked('a: 1\n  {{- if .x }} {{ end }}\r\nb: 2'), `a: 1\n${' '.repeat(24)}\r\nb: 2`);
  });

  test('blanks all but the first line of an action', () => {
    assert.equal(masked('a: {{ x\n  y }}\nb: 2'), `a: ~~~~\n${' '.repeat(6)}\nb: 2`);
  });

  test('takes a comment with braces as one action', () => {
    assert.equal(
      masked('a: {{/* {{ b }} */}}\n{{- /* {{ c }}\n*/ -}}\n'),
      `a: ~~~~~~~~~~~~~~~~~\n${' '.repeat(14)}\n      \n`,
    );
    assert.equal(masked('a: {{/* b }}\n'), 'a: {{/* b }}\n');
  });

  test('does not end an action at braces in quotes', () => {
    assert.equal(masked('a: "{{ "{{" }}.p{{ "}}" }}"'), 'a: "~~~~~~~~~~.p~~~~~~~~~~"');
    assert.equal(masked('a: "{{ "{{ .p }}" }}"'), 'a: "~~~~~~~~~~~~~~~~"');
    assert.equal(masked('a: {{ `{{ .p }}` }}x'), 'a: ~~~~~~~~~~~~~~~~x');
    assert.equal(masked('a: {{ "\\"}}" }}x'), 'a: ~~~~~~~~~~~~x');
  });

  test('ends an action behind a quote that begins no text', () => {
    assert.equal(masked(`a: {{ '"' }}x`), 'a: ~~~~~~~~~x');
    assert.equal(masked('a: "{{ f \\"b\\" }}"\nc: {{ "d" }}x'), 'a: "~~~~~~~~~~~~~"\nc: ~~~~~~~~~x');
  });

  test('gives different placeholders to actions of the same length', () => {
    const keys = Array.from({ length: 300 }, () => '{{ $k }}');
    assert.equal(new Set(maskActions(`x${keys.join('\nx')}`).split('\n')).size, 300);
  });

  test('leaves what is no action', () => {
    for (const text of ['a: {b: {c: 1}}', 'a: {{ x', 'a: }} {{']) assert.equal(masked(text), text);
  });

  test('takes time that grows with the text, and not with its square', () => {
    const open = '{{ '.repeat(200_000);
    assert.equal(maskActions(open), open);
    for (const quotes of ['\\"', '`"', '"\\']) {
      const unended = `{{ "${quotes.repeat(200_000)}`;
      assert.equal(maskActions(unended), unended);
    }
    assert.equal(maskActions(`${'{{a}} '.repeat(100_000)}b`).length, 600_001);
  });
});
