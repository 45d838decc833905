import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import fc from 'fast-check';
import { describeForUser } from '../../../cli/errors.ts';
import { plainContext } from '../../../cli/lint/context.ts';
import { formatJson } from '../../../cli/lint/formats/json.ts';
import { formatText } from '../../../cli/lint/formats/text.ts';
import { lintFile } from '../../../cli/lint/lint-file.ts';
import { someSlips, withSlips } from '../../support/yaml-slips.ts';

const CONTEXT = plainContext(new Date('2026-11-30T12:00:00Z'));
const RUNS = 1000;

/** The values in the texts, and the length of their parts that no output may have. */
const VALUES = ['Tr0ub4dorAndMore', 'c3VjaC1hLXZhbHVl', 'swordfishOfATest'];
const PART = 8;

const TEXTS: Readonly<Record<string, string>> = {
  'a Secret': `# kubeseal-lint: ignore S014 a reason
apiVersion: v1
kind: Secret
metadata: &meta
  name: db
  annotations: {kubectl.kubernetes.io/last-applied-configuration: '{"stringData":{"a":"${VALUES[0]}"}}'}
stringData:
  password: ${VALUES[0]}
  'quoted': "${VALUES[2]}"
data:
  encoded: ${VALUES[1]}
  block: |
    ${VALUES[2]}
other: *meta
---
kind: List
items: [{kind: Secret, stringData: {a: ${VALUES[2]}}}]
`,
  'a SealedSecret': `apiVersion: bitnami.com/v1alpha1
kind: SealedSecret
metadata:
  name: db
  creationTimestamp: null
  annotations: {sealedsecrets.bitnami.com/cluster-wide: 'true', sealedsecrets.bitnami.com/sealing-record: '{"v":1}'}
spec:
  encryptedData:
    password: ${VALUES[0]}
    other: AAEBAAAAAAAAAAAAAAAAAAAAAAAA
  template:
    data: {url: 'postgres://app:${VALUES[2]}@{{ .password }}/{{ .missing }}'}
`,
  'a Helm template': `{{- if .Values.secret }}
apiVersion: v1
kind: Secret
metadata: {name: {{ .Release.Name }}}
stringData:
  password: {{ .Values.password | default "${VALUES[0]}" }}
  other: ${VALUES[2]}
{{- end }}
`,
  'a kustomization': `kind: Kustomization
secretGenerator:
- name: db
  literals: [password=${VALUES[0]}, "user=${VALUES[2]}"]
patches:
- patch: |
    kind: Secret
    stringData: {a: ${VALUES[2]}}
`,
  JSON: `{"kind": "Secret", "stringData": {"password": "${VALUES[0]}"}, "data": {"a": "${VALUES[1]}"}}`,
};

const PARTS = VALUES.flatMap((value) =>
  Array.from({ length: value.length - PART + 1 }, (_, at) => value.slice(at, at + PART)),
);

suite('lint of a file with a slip of the hand', () => {
  for (const [what, text] of Object.entries(TEXTS))
    test(`ends in findings of bounded length without values, for ${what}`, async () => {
      const counts = { findings: 0, unchecked: 0 };
      const check = async (bytes: Buffer): Promise<void> => {
        const report = await lintFile({ file: 'a.yaml', bytes }, CONTEXT);
        const { findings, unchecked } = report;
        counts.findings += findings.length;
        counts.unchecked += unchecked.length;
        for (const failure of unchecked) {
          assert.notEqual(failure.code, 'Internal');
          assert.ok(describeForUser(failure).length < 3000);
        }
        for (const { message, advice, line, column } of findings) {
          assert.ok(message.length + advice.length < 5000);
          assert.ok(line >= 1 && column >= 1);
        }
        const output = [formatText({ ...report, files: 1 }), formatJson({ ...report, files: 1 })].join('');
        assert.ok(!PARTS.some((part) => output.includes(part)), 'a part of a value is in the output');
        assert.doesNotMatch(output, /[^\P{C}\n]/u);
      };
      await fc.assert(
        fc.asyncProperty(someSlips, (slips) => check(Buffer.from(withSlips(text, slips)))),
        { seed: 20, numRuns: RUNS },
      );
      assert.ok(counts.findings > RUNS / 50 && counts.unchecked > RUNS / 50, JSON.stringify(counts));
    });
});
