import assert from 'node:assert/strict';
import { chmodSync, readFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { test } from 'node:test';
import { parseConfig } from '../../../cli/config/parse-config.ts';
import { ruleNamed } from '../../../cli/lint/rules.ts';
import { commandsUnder } from '../../support/guide.ts';
import { PACKAGE } from '../../support/package.ts';
import { KUBESEAL } from '../../support/program.ts';
import { run } from '../../support/run.ts';
import { certificatePem } from '../../support/vectors.ts';
import { treeOf } from '../tree.ts';

const PAGE = readFileSync(join(PACKAGE, 'docs/kubeseal-yaml.md'), 'utf8');
const [, EXAMPLE = ''] = /```yaml\n([^]*?)```/.exec(PAGE) ?? [];

test('the example of docs/kubeseal-yaml.md has every field, and its commands run', async () => {
  const { clusters, lint, ...rest } = parseConfig(Buffer.from(EXAMPLE), { file: 'x', folder: '/x' });
  assert.equal(clusters.length, 3);
  assert.equal(lint.rules.size, 2);
  for (const value of Object.values(rest)) assert.ok(value !== undefined && value !== false);
  const words = KUBESEAL.map((word) => `'${word}'`).join(' ');
  const cwd = treeOf({
    '.kubeseal.yaml': EXAMPLE,
    '.git/HEAD': '',
    'bin/kubeseal': `#!/bin/sh\nexec ${words} "$@"\n`,
    'certs/prod.pem': certificatePem('c2048'),
    'certs/staging.pem': certificatePem('a4096'),
    'secret.yaml': 'kind: Secret\nmetadata: {name: db, namespace: shop}\nstringData: {user: bob}\n',
    'overlays/prod/.keep': '',
    'overlays/staging/.keep': '',
  });
  chmodSync(join(cwd, 'bin/kubeseal'), 0o755);
  const env = { PATH: [join(cwd, 'bin'), process.env['PATH']].join(delimiter), HOME: '/nonexistent' };
  const script = commandsUnder('docs/kubeseal-yaml.md', 'Example').join('');
  const { code, stderr } = await run('sh', ['-eu', '-c', script], { cwd, env });
  assert.deepEqual([code, stderr], [0, '(prod: sealing with certs/prod.pem, as .kubeseal.yaml says)\n']);
});

/** Names in the schema that are no settings themselves. */
const NO_FIELDS: ReadonlySet<string> = new Set(['lint', 'pattern']);

test('the fields of docs/kubeseal-yaml.md are those of the schema', () => {
  const schema: unknown = JSON.parse(readFileSync(join(PACKAGE, 'cli/config/kubeseal.schema.json'), 'utf8'));
  const names = [...JSON.stringify(schema).matchAll(/"([a-zA-Z]+)":\{"description"/g)].map(
    ([, name]) => name,
  );
  const table = PAGE.slice(PAGE.indexOf('## Fields'), PAGE.indexOf('## Search'));
  const listed = [...table.matchAll(/^\| `([^`]+)`/gm)].map(([, field = '']) => field.split('.').at(-1));
  const wanted = new Set(
    names.filter((name) => !NO_FIELDS.has(name ?? '') && ruleNamed(name ?? '') === undefined),
  );
  assert.deepEqual(new Set(listed), wanted);
});
