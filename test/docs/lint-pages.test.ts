import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite, test } from 'node:test';
import { plainContext } from '../../cli/lint/context.ts';
import { lintFile } from '../../cli/lint/lint-file.ts';
import { RULE_IDS, ruleOf, type RuleId } from '../../cli/lint/rules.ts';
import { PACKAGE } from '../support/package.ts';

const HEADINGS = ['## Why', '## Wrong', '## Right', '## What to do'];
const NOW = new Date('2026-11-30T12:00:00Z');

/** Rules that need more files, certificates or a megabyte, which their own tests have. */
const NEED_MORE: readonly RuleId[] = ['S002', 'S003', 'S004', 'S009', 'S012', 'S015'];

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

async function rulesFoundIn(text: string): Promise<readonly RuleId[]> {
  const report = await lintFile({ file: 'page.yaml', bytes: Buffer.from(text) }, plainContext(NOW));
  assert.deepEqual(report.unchecked, []);
  return report.findings.map(({ rule }) => rule);
}

suite('the page of a rule in docs/lint', () => {
  for (const id of RULE_IDS.filter((each) => existsSync(join(PACKAGE, 'docs/lint', `${each}.md`)))) {
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

    if (NEED_MORE.includes(id)) continue;
    test(`has an example in which the rule finds something, and one in which it does not: ${id}`, async () => {
      const page = pageOf(id);
      assert.ok((await rulesFoundIn(blockUnder(page, '## Wrong'))).includes(id));
      assert.ok(!(await rulesFoundIn(blockUnder(page, '## Right'))).includes(id));
    });
  }
});
