import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { lintFile } from '../../../cli/lint/lint-file.ts';
import { corpusContext } from './corpus-context.ts';

/** Returns the findings as `RULE LINE`, in front of what could not be checked. */
async function found(text: string): Promise<readonly string[]> {
  const context = await corpusContext('a.yaml');
  const { findings, unchecked, edits } = await lintFile(
    { file: 'a.yaml', bytes: Buffer.from(text) },
    context,
  );
  assert.deepEqual(edits, []);
  return [
    ...findings.map(({ rule, severity, line }) => `${rule} ${severity} ${line}`),
    ...unchecked.map((failure) => failure.describe()),
  ];
}

interface Shape {
  readonly what: string;
  readonly lines: readonly string[];
  readonly findings: readonly string[];
}

const SECRET = ['apiVersion: v1', 'kind: Secret', 'metadata: { name: db }'];

const SHAPES: readonly Shape[] = [
  {
    what: 'the same key behind if and else',
    lines: [
      ...SECRET,
      'stringData:',
      '{{- if .Values.password }}',
      '  password: {{ .Values.password | quote }}',
      '{{- else if .Values.legacy }}',
      '  password: first-value',
      '{{- else }}',
      '  password: other-value',
      '  user: third-value',
      '{{- end }}',
    ],
    findings: ['S001 note 6', 'S001 error 8', 'S001 error 10', 'S001 error 11'],
  },
  {
    what: 'whole documents behind if and else',
    lines: [
      '{{- if .Values.sealed -}}',
      'apiVersion: bitnami.com/v1alpha1',
      'kind: SealedSecret',
      'metadata: { name: db }',
      'spec: { encryptedData: { password: {{ .Values.sealed }} } }',
      '{{- else -}}',
      ...SECRET,
      'stringData: { password: first-value }',
      '{{- end }}',
    ],
    findings: ['S001 error 10'],
  },
  {
    what: 'the same key in conditions one after the other',
    lines: [
      ...SECRET,
      '{{- if eq .Values.kind "a" }}',
      'stringData: { a: first-value }',
      '{{- end }}',
      '{{- if eq .Values.kind "b" }}',
      'stringData: { b: {{ .Values.b }} }',
      '{{- end }}',
      '{{- if eq .Values.kind "c" }}',
      'stringData: { c: third-value }',
      '{{- end }}',
    ],
    findings: ['S001 error 5', 'S001 note 8', 'S001 error 11'],
  },
  {
    what: 'conditions in the branches of another one',
    lines: [
      ...SECRET,
      'stringData:',
      '{{- with .Values.a }}',
      '{{- if .b }}',
      '  p: first-value',
      '{{- else }}',
      '  p: second-value',
      '{{- end }}',
      '{{- else }}',
      '{{- if .c }}',
      '  p: third-value',
      '{{- else }}',
      '  p: fourth-value',
      '{{- end }}',
      '{{- end }}',
    ],
    findings: ['S001 error 7', 'S001 error 9', 'S001 error 13', 'S001 error 15'],
  },
  {
    what: 'keys that are actions of the same length',
    lines: [
      ...SECRET,
      'data:',
      '{{- range $key, $value := .Values.a }}',
      '  {{ $key }}: {{ $value | b64enc }}',
      '{{- end }}',
      '{{- range $key, $value := .Values.b }}',
      '  {{ $key }}: {{ $value | b64enc }}',
      '{{- end }}',
    ],
    findings: ['S001 note 6'],
  },
  {
    what: 'definitions beside a Secret',
    lines: [
      '{{/*',
      'The labels {{ of the chart }}: a, b',
      '*/}}',
      '{{- define "shop.labels" -}}',
      'app: shop',
      'release: {{ .Release.Name }}',
      '{{- end }}',
      '{{- define "shop.selector" -}}',
      'app: shop',
      '{{- end -}}',
      ...SECRET,
      'stringData: { password: first-value }',
    ],
    findings: ['S001 error 14'],
  },
  {
    what: 'a Secret in a definition, and one that is no YAML',
    lines: [
      '{{- define "shop.secret" -}}',
      ...SECRET,
      'stringData: { password: first-value }',
      '{{- end }}',
      '{{- define "shop.script" -}}',
      'a: b: c',
      'd: e: f',
      '{{- end }}',
    ],
    findings: ['S001 error 5'],
  },
  {
    what: 'tpl, and an action of several lines',
    lines: [
      ...SECRET,
      'stringData:',
      '  a: {{ tpl .Values.a $ }}',
      '  b: {{ include "shop.b" (dict',
      '       "a" 1',
      '       "context" $) | quote }}',
      '{{- if .Values.c }}',
      '  c: first-value',
      '{{- else }}',
      '  c: |-',
      '    {{- toYaml .Values.c | nindent 4 }}',
      '{{- end }}',
    ],
    findings: ['S001 note 5', 'S001 error 10'],
  },
  {
    what: 'a comment that ignores a branch, and one that ignores nothing in another one',
    lines: [
      ...SECRET,
      'stringData:',
      '{{- if .Values.a }}',
      '  # kubeseal-lint: ignore S001 a value of a test',
      '  a: first-value',
      '{{- else }}',
      '  a: second-value',
      '  # kubeseal-lint: ignore S010 a value of a test',
      '  b: third-value',
      '{{- end }}',
    ],
    findings: ['S001 error 9', 'S016 warning 10', 'S001 error 11'],
  },
  {
    what: 'a comment at the head that ignores all branches',
    lines: [
      '# kubeseal-lint: ignore S001 values of a test',
      ...SECRET,
      'stringData:',
      '{{- if .Values.a }}',
      '  a: {{ .Values.a }}',
      '{{- else }}',
      '  a: second-value',
      '{{- end }}',
    ],
    findings: [],
  },
  {
    what: 'labels of a ConfigMap without a Secret behind if and else',
    lines: ['kind: ConfigMap', '{{ if .a }}', 'data: { secret: x }', '{{ else }}', 'data: [', '{{ end }}'],
    findings: [],
  },
];

suite('a template whose branches contradict each other', () => {
  for (const { what, lines, findings } of SHAPES) {
    for (const [end, name] of [
      ['\n', 'of Unix'],
      ['\r\n', 'of Windows'],
    ] as const)
      test(`is checked in all branches, with lines ${name}: ${what}`, async () => {
        assert.deepEqual(await found(lines.map((line) => line + end).join('')), findings);
      });
  }

  test('is not checked as a whole where a branch is no YAML', async () => {
    const lines = [
      ...SECRET,
      '{{ if .a }}',
      'stringData: { a: first-value }',
      '{{ else }}',
      'stringData: { a: ]',
      '{{ end }}',
    ];
    const [finding, unchecked, ...rest] = await found(lines.join('\n'));
    assert.equal(finding, 'S001 error 5');
    assert.match(unchecked ?? '', /^a\.yaml: neither JSON nor YAML: .* line 7, .*: mend it, or skip it/);
    assert.deepEqual(rest, []);
  });

  test('is read a limited number of times, however many branches contradict each other', async () => {
    const blocks = Array.from({ length: 20_000 }, () => '{{ if .a }}\ntype: a\n{{ end }}\n').join('');
    const unchecked = (await found(`kind: Secret\n${blocks}`)).join('\n');
    assert.match(unchecked, /it seems to hold a Secret, and was not checked/);
  });

  test('is searched for Secrets once, however many of its branches are no YAML', async () => {
    const blocks = Array.from(
      { length: 30_000 },
      (_, index) => `{{ if .a }}\nk${index}: 1\n{{ else }}\n}\n{{ end }}\n`,
    );
    assert.deepEqual(await found(`a: secrets\n${blocks.join('')}`), []);
  });

  test('may have blocks in blocks, thousands deep', async () => {
    const depth = 20_000;
    const open = '{{ if .a }}\n'.repeat(depth);
    const close = '{{ else }}\ntype: b\n{{ end }}\n'.repeat(depth);
    assert.ok(Array.isArray(await found(`kind: Secret\n${open}type: a\n${close}`)));
  });
});
