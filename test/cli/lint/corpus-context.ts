import assert from 'node:assert/strict';
import { join } from 'node:path';
import { LintContexts } from '../../../cli/config/lint-contexts.ts';
import { withKustomizations } from '../../../cli/lint/kustomize/contexts.ts';
import type { LintContext } from '../../../cli/lint/context.ts';
import { FakeClock } from '../../support/fake-clock.ts';
import { PACKAGE } from '../../support/package.ts';

/** The folder of the corpus. */
export const CORPUS = join(PACKAGE, 'test/cli/lint/corpus');

const clock = new FakeClock('2026-11-30T12:00:00Z');
const cli = { environment: {}, clock, warn: () => undefined };
// That of the repository excludes the corpus.
const config = join(CORPUS, '.kubeseal.yaml');
const contexts = new LintContexts({ config, only: undefined, cluster: undefined }, cli);
const contextOf = withKustomizations((path) => contexts.of(path));

/** Returns what is known about a file of the corpus, as its `.kubeseal.yaml` says. */
export async function corpusContext(name: string): Promise<LintContext> {
  const context = await contextOf(join(CORPUS, name));
  assert.ok(context !== 'excluded', name);
  return context;
}
