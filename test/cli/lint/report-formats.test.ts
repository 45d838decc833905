import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { suite, test } from 'node:test';
import { Ajv } from 'ajv';
import { cliFailure } from '../../../cli/errors.ts';
import { fingerprints } from '../../../cli/lint/formats/fingerprints.ts';
import { formatGithub } from '../../../cli/lint/formats/github.ts';
import { formatGitlab } from '../../../cli/lint/formats/gitlab.ts';
import { formatJson } from '../../../cli/lint/formats/json.ts';
import { formatSarif } from '../../../cli/lint/formats/sarif.ts';
import type { Finding } from '../../../cli/lint/problem.ts';
import type { LintReport, ReportFormat } from '../../../cli/lint/report.ts';
import { RULE_IDS } from '../../../cli/lint/rules.ts';
import { REMOVED } from '../../../shared/manifest/splice.ts';
import { version } from '../../../shared/version.ts';
import { PACKAGE } from '../../support/package.ts';

const FOLDER = join(PACKAGE, 'test/cli/lint/formats');
const read = (name: string): string => readFileSync(join(FOLDER, name), 'utf8');

const finding: Finding = {
  rule: 'S001',
  severity: 'error',
  file: 'overlays/prod/db.yaml',
  line: 8,
  column: 3,
  object: 'Secret shop/db',
  message: 'plain text: stringData.password',
  advice: 'seal it',
};

const failure = cliFailure({ code: 'NotParsed', problem: 'b.yaml: line 2: 100% wrong' });

const REPORT: LintReport = {
  files: 4,
  findings: [
    finding,
    {
      ...finding,
      rule: 'S010',
      severity: 'warning',
      file: './odd, name: 100%/ü 1.yaml',
      message: 'metadata.annotations["kubectl.kubernetes.io/last-applied-configuration"] holds a copy',
      fix: new Map([['metadata', REMOVED]]),
    },
    { ...finding, severity: 'note', file: '<stdin>', object: 'Secret', message: 'placeholders: data.a' },
    { ...finding, rule: 'S013', file: resolve('certs/key.pem'), line: 1, column: 1, object: undefined },
  ],
  omitted: [{ file: 'overlays/prod/db.yaml', counts: { error: 0, warning: 2, note: 1 } }],
  unchecked: [failure],
};
const EMPTY: LintReport = { files: 1, findings: [], omitted: [], unchecked: [] };

suite('the report', () => {
  const table: readonly [string, ReportFormat][] = [
    ['github.txt', formatGithub],
    ['gitlab.json', formatGitlab],
    ['sarif.json', formatSarif],
    ['json.json', formatJson],
  ];
  for (const [name, format] of table) {
    test(`has the form of ${name}`, () => {
      const text = format(REPORT)
        .replace(`"version": "${version()}"`, '"version": "VERSION"')
        .replace(resolve('certs'), 'FOLDER/certs');
      assert.equal(text, read(name));
    });

    test(`has no control characters in ${name}, whatever the names are`, () => {
      const object = 'Secret a\u001b[31m\r\n::error::x\u202e';
      const text = format({ ...REPORT, findings: [{ ...finding, object, file: 'a\r\n::error::b.yaml' }] });
      assert.doesNotMatch(text, /[^\P{C}\n]|^::error::/mu);
    });
  }
});

suite('the report for GitHub', () => {
  test('is empty without findings', () => assert.equal(formatGithub(EMPTY), ''));

  test('is read by the rules of the runner', () => {
    const commands = formatGithub(REPORT).trimEnd().split('\n').map(parseCommand);
    assert.deepEqual(
      commands.map(({ command }) => command),
      ['error', 'error', 'warning', 'notice', 'error', 'warning'],
    );
    assert.deepEqual(commands[2]?.properties, {
      file: 'odd, name: 100%/ü 1.yaml',
      line: '8',
      col: '3',
      title: 'S010 last-applied',
    });
  });
});

/** Parses a command as the runner of GitHub does (ActionCommand.cs). */
function parseCommand(line: string): { command: string; properties: Record<string, string>; data: string } {
  const [, command = '', words = '', data = ''] = /^::([a-z]+)(?: (.*?))?::(.*)$/.exec(line) ?? [];
  const properties = words.split(',').map((word) => {
    const at = word.indexOf('=');
    const value = word
      .slice(at + 1)
      .replaceAll('%2C', ',')
      .replaceAll('%3A', ':');
    return [word.slice(0, at), value.replaceAll('%25', '%')] as const;
  });
  return { command, properties: Object.fromEntries(properties), data };
}

suite('the report for GitLab', () => {
  /** What GitLab documents, which is stricter than what it accepts. */
  const schema = {
    type: 'array',
    items: {
      type: 'object',
      required: ['description', 'check_name', 'fingerprint', 'severity', 'location'],
      additionalProperties: false,
      properties: {
        description: { type: 'string', minLength: 1 },
        check_name: { type: 'string', minLength: 1 },
        fingerprint: { type: 'string', minLength: 1 },
        severity: { enum: ['info', 'minor', 'major', 'critical', 'blocker'] },
        location: {
          type: 'object',
          required: ['path', 'lines'],
          additionalProperties: false,
          properties: {
            path: { type: 'string', pattern: '^(?!/|\\./)' },
            lines: {
              type: 'object',
              required: ['begin'],
              additionalProperties: false,
              properties: { begin: { type: 'integer', minimum: 1 } },
            },
          },
        },
      },
    },
  };
  const validate = new Ajv({ allErrors: true }).compile(schema);

  for (const [what, report] of [
    ['findings', REPORT],
    ['nothing', EMPTY],
  ] as const)
    test(`has the documented fields, with ${what}`, () => {
      assert.ok(validate(JSON.parse(formatGitlab(report))), JSON.stringify(validate.errors));
    });
});

suite('the report in SARIF', () => {
  // The schema of OASIS is of JSON Schema draft 4, which differs in the name of `id` from what Ajv reads.
  const { id, $schema, ...schema } = JSON.parse(read('sarif-schema-2.1.0.json')) as Record<string, unknown>;
  const validate = new Ajv({
    allErrors: true,
    strict: false,
    formats: {
      uri: (text) => URL.canParse(text),
      'uri-reference': (text) => /^[\w.~%/-]*$/.test(text) || URL.canParse(text),
      'date-time': (text) => !Number.isNaN(Date.parse(text)),
    },
  }).compile(schema);

  for (const [what, report] of [
    ['findings', REPORT],
    ['nothing', EMPTY],
  ] as const)
    test(`fits the schema of OASIS, with ${what}`, () => {
      const log: unknown = JSON.parse(formatSarif(report));
      assert.ok(validate(log), JSON.stringify(validate.errors));
    });

  test('is refused by the schema with a mistake', () => {
    assert.ok(!validate(JSON.parse(formatSarif(REPORT).replace('"ruleIndex": 0', '"ruleIndex": -2'))));
    assert.ok(!validate(JSON.parse(formatSarif(REPORT).replace('"startLine": 8', '"startLine": 0'))));
    assert.ok(!validate(JSON.parse(formatSarif(REPORT).replace('db.yaml"', 'a b.yaml"'))));
  });

  test('names the schema', () => {
    assert.match(formatSarif(EMPTY), new RegExp(`"\\$schema": "${String(id)}"`));
    assert.match(String($schema), /draft-04/);
  });

  test('describes every rule at its index', () => {
    const rules = [...formatSarif(EMPTY).matchAll(/^ {14}"id": "(S[0-9]+)"/gm)].map(([, rule]) => rule);
    assert.deepEqual(rules, RULE_IDS);
  });

  test('says that the check failed, if something could not be checked', () => {
    assert.match(formatSarif(REPORT), /"executionSuccessful": false/);
    assert.match(formatSarif(EMPTY), /"executionSuccessful": true/);
  });
});

suite('the fingerprint of a finding', () => {
  const of = (changes: Partial<Finding>): string => fingerprints([{ ...finding, ...changes }])[0] ?? '';

  test('stays the same when its line moves, and when the file is named in another way', () => {
    assert.equal(of({ line: 100, column: 7 }), of({}));
    assert.equal(of({ file: './overlays/../overlays/prod/db.yaml' }), of({}));
    assert.equal(of({ file: resolve(finding.file) }), of({}));
  });

  test('differs with rule, file, object and message', () => {
    const all = [{}, { rule: 'S010' as const }, { file: 'x' }, { object: 'x' }, { message: 'x' }].map(of);
    assert.equal(new Set(all).size, all.length);
  });

  test('differs for equal findings of a file', () => {
    assert.equal(new Set(fingerprints([finding, finding, finding])).size, 3);
  });
});
