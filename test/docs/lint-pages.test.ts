import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite, test } from 'node:test';
import { plainContext } from '../../cli/lint/context.ts';
import { lintFile } from '../../cli/lint/lint-file.ts';
import { RULE_IDS, ruleOf, type RuleId } from '../../cli/lint/rules.ts';
import { corpusContext } from '../cli/lint/corpus-context.ts';
import { PACKAGE } from '../support/package.ts';
import { tableUnder } from './table.ts';

const HEADINGS = ['## Why', '## Wrong', '## Right', '## What to do'];
const NOW = new Date('2026-11-30T12:00:00Z');

/** Rules that need a cluster or a setting; the corpus of lint has them. */
const NEED_CONFIG: readonly RuleId[] = ['S003', 'S004', 'S009'];

/** The rule about certificates alone, which no block of YAML has. Its own test covers it. */
const WITHOUT_FILE: RuleId = 'S012';

function pageOf(id: RuleId): string {
  return readFileSync(join(PACKAGE, 'docs/lint', `${id}.md`), 'utf8');
}

/** Returns the only block of YAML under a heading. */
function blockUnder(page: string, heading: string): string {
  const section = page.split(`\n${heading}\n`)[1]?.split('\n## ')[0] ?? '';
  const [block, ...more] = [...section.matchAll(/```yaml\n([^]*?)```/g)];
  assert.ok(block !== undefined && more.length === 0, `${heading} has one block of YAML`);
  return block[1] ?? '';
}

/** Puts as much in place of the ellipsis of an example as makes an object too large. */
function filled(text: string): string {
  return text.replace('…', () => 'A'.repeat(3_000_000));
}

async function rulesFoundIn(text: string, id: RuleId): Promise<readonly RuleId[]> {
  const context = NEED_CONFIG.includes(id) ? await corpusContext('page-prod.yaml') : plainContext(NOW);
  const report = await lintFile({ file: 'page.yaml', bytes: Buffer.from(filled(text)) }, context);
  assert.deepEqual(report.unchecked, []);
  return report.findings.map(({ rule }) => rule);
}

suite('the page of a rule in docs/lint', () => {
  for (const id of RULE_IDS) {
    test(`has the title, the severity and the headings: ${id}`, () => {
      const { name, severity } = ruleOf(id);
      const page = pageOf(id);
      assert.ok(page.startsWith(`# ${id} ${name}\n`));
      assert.match(page, new RegExp(`^Severity: ${severity}\\b`, 'm'));
      assert.deepEqual(
        [...page.matchAll(/^## .*$/gm)].map(([line]) => line).filter((line) => HEADINGS.includes(line)),
        HEADINGS,
      );
    });

    if (id === WITHOUT_FILE) continue;
    test(`has an example in which the rule finds something, and one in which it does not: ${id}`, async () => {
      const page = pageOf(id);
      assert.ok((await rulesFoundIn(blockUnder(page, '## Wrong'), id)).includes(id));
      assert.ok(!(await rulesFoundIn(blockUnder(page, '## Right'), id)).includes(id));
    });
  }
});

test('the table of rules has the name, the severity and the summary of every rule', () => {
  assert.deepEqual(
    tableUnder('docs/lint/README.md', '## The rules'),
    RULE_IDS.map((id) => {
      const { name, severity, summary } = ruleOf(id);
      return [`[${id}](${id}.md)`, `\`${name}\``, severity, summary];
    }),
  );
});
