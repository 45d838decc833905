import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { formatGithub } from '../../../cli/lint/formats/github.ts';
import { formatGitlab } from '../../../cli/lint/formats/gitlab.ts';
import { formatJson } from '../../../cli/lint/formats/json.ts';
import { formatSarif } from '../../../cli/lint/formats/sarif.ts';
import { formatText } from '../../../cli/lint/formats/text.ts';
import { plainContext } from '../../../cli/lint/context.ts';
import { lintFile } from '../../../cli/lint/lint-file.ts';
import { describeForUser } from '../../../cli/errors.ts';
import { randomFrom } from '../../support/random.ts';
import { RandomFile, type FileWithValues } from './random-file.ts';

/** The length of the parts of a value that no output may have. */
const PART = 8;

/** How many files each test makes. Every one of them has several values. */
const FILES = 700;

const FORMATS = [formatText, formatGithub, formatGitlab, formatJson, formatSarif];

/** Returns all outputs of a check of a file. */
async function outputsOf({ text, isManifest }: FileWithValues): Promise<{ text: string; findings: number }> {
  const context = plainContext(new Date('2026-11-30T12:00:00Z'));
  const report = {
    ...(await lintFile({ file: 'a.yaml', bytes: Buffer.from(text), isManifest }, context)),
    files: 1,
  };
  const outputs = [
    ...FORMATS.map((format) => format(report)),
    ...report.findings.map(({ object, message, advice }) => `${object ?? ''} ${message} ${advice}`),
    ...report.unchecked.map((failure) => describeForUser(failure)),
  ];
  return { text: outputs.join('\n'), findings: report.findings.length + report.unchecked.length };
}

/** Returns the forms in which a value may not appear: as it is, and in base64 at each alignment. */
function formsOf(value: string): readonly string[] {
  // The first and the last characters of base64 depend on what is around the value.
  const encoded = [0, 1, 2].map((before) =>
    Buffer.from('x'.repeat(before) + value)
      .toString('base64')
      .slice(4, -4),
  );
  return [value, ...encoded];
}

function partsOf(text: string): readonly string[] {
  return Array.from({ length: Math.max(0, text.length - PART + 1) }, (_, at) => text.slice(at, at + PART));
}

suite('the output of lint', () => {
  for (const seed of [1, 2, 3])
    test(`has no part of a value, in ${FILES} random files of seed ${seed}`, async () => {
      const files = new RandomFile(randomFrom(seed));
      let findings = 0;
      for (let count = 0; count < FILES; count++) {
        const file = files.next();
        const output = await outputsOf(file);
        findings += output.findings;
        const leaked = file.values
          .flatMap(formsOf)
          .flatMap(partsOf)
          .some((part) => output.text.includes(part));
        assert.ok(!leaked, `file ${count} of seed ${seed} has a part of a value in the output`);
      }
      assert.ok(findings > FILES / 2, `only ${findings} findings: the files are no test`);
    });
});
