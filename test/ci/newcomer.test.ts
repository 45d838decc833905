import assert from 'node:assert/strict';
import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, suite, test } from 'node:test';
import { RULE_IDS } from '../../cli/lint/rules.ts';
import { PACKAGE } from '../support/package.ts';
import { temporaryFolder } from '../support/temporary.ts';
import { runAction } from './action-runner.ts';
import { HookedRepository } from './hooked-repository.ts';
import { writeRelease } from './local-release.ts';
import { noPythonTools } from './python-tools.ts';

/** Small files with every mistake, each with the findings that it expects, and settings. */
const MISTAKES = join(PACKAGE, 'test', 'cli', 'lint', 'corpus');

/** A SealedSecret over 1 MiB, which would be no small file of the repository, and the finding about it. */
const LARGE = {
  name: 'S015-large.yaml',
  text: [
    'apiVersion: bitnami.com/v1alpha1\nkind: SealedSecret\nmetadata:\n  name: large\n  namespace: shop',
    `spec:\n  encryptedData:\n    key: AAEB${'A'.repeat(2 ** 21)}\n`,
  ].join('\n'),
  finding: 'S015-large.yaml:1:1: error S015',
};

/** Rules that the passing of time makes other findings of, and one that is never more than a note. */
const NOT_COMPARED = ['S012', 'S017'];

const folder = temporaryFolder();

/** Returns the findings that the files expect, as `FILE:LINE:COLUMN: SEVERITY RULE`. */
function expectedFindings(): readonly string[] {
  const names = readdirSync(MISTAKES).filter((name) => !name.endsWith('.expect'));
  return names.flatMap((name) => {
    const beside = join(MISTAKES, `${name}.expect`);
    const file = existsSync(beside) ? beside : join(MISTAKES, name);
    if (name.startsWith('.') || name === 'certificates') return [];
    const lines = readFileSync(file, 'utf8').matchAll(/^(?:# )?expect: (S\d+) (\w+) (\S+)$/gm);
    return [...lines].flatMap(([, rule = '', severity = '', at = '']) =>
      NOT_COMPARED.includes(rule) ? [] : [`${name}:${at}: ${severity} ${rule}`],
    );
  });
}

/** Returns the findings in the output of lint, as above. */
function foundIn(output: string): ReadonlySet<string> {
  return new Set([...output.matchAll(/^\S+:\d+:\d+: \w+ S\d+/gm)].map(([found]) => found));
}

suite('a repository with every mistake that lint knows', { skip: noPythonTools }, () => {
  const expected = [...expectedFindings(), LARGE.finding];
  let repository: HookedRepository;

  before(async () => {
    repository = await HookedRepository.create(folder.path);
    cpSync(MISTAKES, repository.path, { recursive: true });
    repository.write({ [LARGE.name]: LARGE.text });
  });

  test('has a mistake for each rule', () => {
    const rules = RULE_IDS.filter((id) => !NOT_COMPARED.includes(id));
    assert.deepEqual(
      rules.filter((id) => !expected.some((finding) => finding.endsWith(id))),
      [],
    );
  });

  test('is refused by pre-commit, which shows all of them', async () => {
    const ran = await repository.run('git add . && git commit -q -m Mistakes');
    assert.notEqual(ran.code, 0);
    const found = foundIn(ran.stdout + ran.stderr);
    assert.deepEqual(
      expected.filter((finding) => !found.has(finding)),
      [],
    );
    assert.equal(await repository.follow('git log --format=%s'), 'Start\n');
  });

  test('fails in a pipeline, which shows all of them', async () => {
    const { url } = writeRelease(join(folder.path, 'release'));
    const inputs = { url, attestation: 'false', format: 'text' };
    const temporary = mkdtempSync(join(folder.path, 'runner-'));
    const path = process.env['PATH'] ?? '';
    const ran = await runAction({ inputs, workspace: repository.path, temporary, path });
    assert.equal(ran.code, 1, ran.stderr);
    const found = foundIn(ran.stdout);
    assert.deepEqual(
      expected.filter((finding) => !found.has(finding)),
      [],
    );
  });
});
