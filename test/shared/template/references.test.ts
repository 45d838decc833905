import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { bytesOf, parse, textOf } from '../../../shared/template/index.ts';
import { rootMentions, rootReferences } from '../../../shared/template/references.ts';
import { SPRIG } from '../../../shared/template/sprig/index.ts';

function names(text: string): readonly string[] {
  return rootReferences(parse('t', text, { functions: SPRIG })).map(({ name }) => textOf(name));
}

suite('the fields of the data that a template reads by name', () => {
  const found: readonly [string, readonly string[]][] = [
    ['plain text, {{ "a string" }} and {{ 1 }}', []],
    ['{{ .a }} and {{ $.b }}', ['a', 'b']],
    ['{{ .a }}{{ .a }}{{ $.a }}', ['a']],
    ['{{ .a.b.c }}', ['a']],
    ['{{ index . "a-b" }}{{ index $ "c d" }}{{ index . `raw` }}', ['a-b', 'c d', 'raw']],
    ['{{ index . "a" "b" }}', ['a']],
    ['{{ index (.) "a" }}{{ index ($) "b" }}', ['a', 'b']],
    ['{{ .a | upper | quote }}', ['a']],
    ['{{ printf "%s:%s" .user (.password | urlquery) }}', ['user', 'password']],
    ['{{ list .a .b | join "," }}', ['a', 'b']],
    ['{{ dict "k" .a | toJson }}', ['a']],
    ['{{ $x := .a }}{{ $x }}', ['a']],
    ['{{ $x := "" }}{{ $x = .a }}{{ $x }}', ['a']],
    ['{{ $x := .a }}{{ $y := $x }}{{ $y }}', ['a']],
    ['{{- /* .comment */ -}}{{ .a }}', ['a']],
    ['{{ "jörg" }}{{ index . "schlüssel" }}{{ .größe }}', ['schlüssel', 'größe']],
    ['{{ .__proto__ }}{{ .constructor }}', ['__proto__', 'constructor']],
    // In templates that are given the data.
    ['{{ define "x" }}{{ .a }}{{ $.b }}{{ end }}{{ template "x" . }}', ['a', 'b']],
    ['{{ define "x" }}{{ .a }}{{ end }}{{ if .b }}{{ template "x" . }}{{ end }}{{ template "x" $ }}', ['a']],
    ['{{ if .b }}{{ .a }}{{ end }}{{ .a }}', ['a']],
    ['{{ block "x" . }}{{ .a }}{{ end }}', ['a']],
    ['{{ define "x" }}{{ .a }}{{ template "x" . }}{{ end }}{{ template "x" . }}', ['a']],
    [
      '{{ define "x" }}{{ template "y" . }}{{ end }}{{ define "y" }}{{ .a }}{{ end }}{{ template "x" . }}',
      ['a'],
    ],
    ['{{ .a | default "x" | printf "%s%s" .b }}', ['b']],
  ];
  for (const [text, expected] of found) {
    test(`are found in ${text}`, () => assert.deepEqual(names(text), expected));
  }

  const others: readonly string[] = [
    // The dot is something else.
    '{{ with "x" }}{{ .a }}{{ end }}',
    '{{ with . }}{{ .a }}{{ end }}',
    '{{ range list 1 2 }}{{ .a }}{{ index . "b" }}{{ end }}',
    '{{ with dict "a" 1 }}{{ .a }}{{ end }}',
    '{{ $d := dict "a" 1 }}{{ $d.a }}{{ index $d "b" }}{{ ($d).c }}',
    '{{ (dict "a" 1).a }}',
    '{{ define "x" }}{{ .a }}{{ $.b }}{{ end }}{{ template "x" }}{{ template "x" dict "a" 1 "b" 2 }}',
    '{{ block "x" dict "a" 1 }}{{ .a }}{{ $.b }}{{ end }}',
    // Not every run comes there, or the disabled part of a template.
    '{{ if eq .mode "prod" }}{{ .a }}{{ else }}{{ .b }}{{ end }}',
    '{{ if .mode }}{{ else if true }}{{ .a }}{{ else }}{{ .b }}{{ end }}',
    '{{ if false }}{{ .a }}{{ index . "b" }}{{ end }}',
    '{{ with .mode }}{{ $.a }}{{ else }}{{ .b }}{{ end }}',
    '{{ range splitList "," .hosts }}{{ $.a }}{{ else }}{{ .b }}{{ end }}',
    '{{ define "x" }}{{ .a }}{{ end }}{{ if .mode }}{{ template "x" . }}{{ end }}',
    '{{ if .mode }}{{ block "x" . }}{{ .a }}{{ end }}{{ end }}',
    '{{ if .mode }}{{ $x := hasKey . "a" }}{{ end }}{{ .a }}',
    // The template never runs.
    '{{ define "x" }}{{ .a }}{{ end }}',
    '{{ define "x" }}{{ template "y" . }}{{ end }}{{ define "y" }}{{ .a }}{{ end }}',
    // `$` may be something else.
    '{{ $ := dict "a" 1 }}{{ $.a }}',
    // The name is not literal, or is not the first index.
    '{{ index . (print "a" "b") }}',
    '{{ index . .a | default "x" }}',
    '{{ index (dict "a" 1) "a" }}',
    '{{ "a" | index . }}',
    '{{ range $name, $value := . }}{{ $name }}={{ $value }}{{ end }}',
    '{{ range keys (dict "a" .a) }}{{ . }}{{ end }}',
  ];
  for (const text of others) {
    test(`are not found in ${text}`, () => assert.deepEqual(names(text), []));
  }

  const tested: readonly string[] = [
    '{{ if .a }}{{ .a }}{{ end }}',
    '{{ if not .a }}none{{ else }}{{ .a }}{{ end }}',
    '{{ if true }}x{{ else if .a }}{{ .a }}{{ end }}',
    '{{ if and .a (eq .b "x") }}{{ .a }}{{ .b }}{{ end }}',
    '{{ if index . "a" }}{{ .a }}{{ index . "a" }}{{ end }}',
    '{{ if $.a }}{{ .a }}{{ end }}',
    '{{ .a }}{{ if .a }}{{ end }}',
    '{{ with .a }}{{ . }}{{ $.a }}{{ end }}',
    '{{ with $x := .a }}{{ $x }}{{ end }}',
    '{{ range .a }}{{ . }}{{ end }}',
    '{{ range splitList "," .a }}{{ . }}{{ end }}',
    '{{ .a | default "x" }}',
    '{{ .a | upper | default "x" }}',
    '{{ default "x" .a }}{{ .a }}',
    '{{ default .b .a }}',
    '{{ quote (default "x" .a) }}',
    '{{ or .a .b "x" }}',
    '{{ and .a .b }}',
    '{{ not .a }}',
    '{{ .a | empty | not }}',
    '{{ coalesce .a .b "x" }}',
    '{{ ternary "x" "y" (empty .a) }}',
    '{{ .a | empty | ternary "x" "y" }}',
    '{{ list .a .b | compact | join "," }}',
    '{{ if hasKey . "a" }}{{ .a }}{{ end }}',
    '{{ $x := hasKey . "a" }}{{ .a }}',
    '{{ $x := "a" | hasKey . }}{{ .a }}',
    '{{ get . "a" }}{{ .a }}',
    '{{ dig "a" "x" . }}{{ .a }}',
    '{{ $_ := set . "a" "x" }}{{ .a }}',
    '{{ kindIs "string" .a }}',
    '{{ $x := eq .a "b" }}{{ if $x }}{{ .a }}{{ end }}',
    // By way of a variable.
    '{{ $x := .a }}{{ if $x }}{{ $x }}{{ end }}',
    '{{ $x := .a }}{{ $x | default "y" }}',
    '{{ $x := .a }}{{ $y := $x }}{{ if $y }}{{ $y }}{{ .a }}{{ end }}',
    '{{ $x := "" }}{{ $x = .a }}{{ with $x }}{{ . }}{{ end }}',
    '{{ $x := dict "k" .a }}{{ if $x.k }}{{ $x.k }}{{ end }}',
    '{{ $d := dict "root" . }}{{ if $d.root.a }}{{ .a }}{{ end }}',
    '{{ with dict "k" .a }}{{ if .k }}{{ .k }}{{ end }}{{ end }}',
    // By way of another template.
    '{{ define "x" }}{{ if . }}{{ . }}{{ end }}{{ end }}{{ template "x" .a }}',
    '{{ define "x" }}{{ if .k }}{{ .k }}{{ end }}{{ end }}{{ template "x" dict "k" .a }}',
    '{{ define "x" }}{{ if .a }}{{ end }}{{ end }}{{ template "x" . }}{{ .a }}',
    '{{ define "x" }}{{ if .a }}{{ end }}{{ end }}{{ template "x" dict "a" 1 }}{{ .a }}',
  ];
  for (const text of tested) {
    test(`are left out where it tests them: ${text}`, () => assert.deepEqual(names(text), []));
  }

  test('have the place at which they stand first', () => {
    const text = 'ö\n{{ .a }}\n  {{ index . "b" }}{{ .a }}';
    const references = rootReferences(parse('t', text, { functions: SPRIG }));
    const before = (at: number): string => textOf(bytesOf(text).slice(0, at));
    assert.deepEqual(
      references.map(({ name, at }) => [name, before(at).split('\n').length]),
      [
        ['a', 2],
        ['b', 3],
      ],
    );
  });

  test('are found in templates that call each other in a long row', () => {
    const count = 2000;
    const bodies = Array.from(
      { length: count },
      (_, i) => `{{define "${i}"}}{{template "${i + 1}" .}}{{end}}`,
    );
    const text = `${bodies.join('')}{{define "${count}"}}{{ .a }}{{end}}{{template "0" .}}`;
    assert.deepEqual(names(text), ['a']);
  });
});

suite('what a template may read of the data', () => {
  const cases: readonly [string, readonly string[], boolean][] = [
    ['plain {{ "text" }}', [], false],
    ['{{ .a }}{{ if .b }}{{ .c }}{{ end }}{{ index $ "d" }}', ['a', 'b', 'c', 'd'], false],
    ['{{ if hasKey . "a" }}x{{ end }}', ['a'], false],
    ['{{ $x := .a }}{{ $x }}', ['a'], false],
    ['{{ range . }}{{ . }}{{ end }}', [], true],
    ['{{ . | toJson }}', [], true],
    ['{{ $x := . }}{{ $x.a }}', [], true],
    ['{{ define "x" }}{{ .a }}{{ end }}{{ template "x" . }}', ['a'], false],
    ['{{ define "x" }}{{ range . }}{{ end }}{{ end }}{{ template "x" $ }}', [], true],
    ['{{ with dict "k" 1 }}{{ .a }}{{ $.b }}{{ end }}', ['b'], false],
  ];
  for (const [text, names, whole] of cases) {
    test(`is found in ${text}`, () => {
      const found = rootMentions(parse('t', text, { functions: SPRIG }));
      assert.deepEqual([[...found.names].map(textOf).sort(), found.whole], [names, whole]);
    });
  }
});
