/**
 * A reporter for `node --test` whose only output is one JSON document, an `Outcome`: how many tests passed, failed and
 * were skipped, and which failed and why. See https://nodejs.org/api/test.html#custom-reporters.
 */
import { relative } from 'node:path';
import type { TestEvent } from 'node:test/reporters';
import { inspect } from 'node:util';

export interface Outcome {
  readonly passed: number;
  readonly skipped: number;
  readonly failed: readonly Failure[];
}

export interface Failure {
  readonly file: string;
  /** The titles of the suites around the test and its own, outermost first. */
  readonly titles: readonly string[];
  readonly error: string;
}

type Report = (TestEvent & { type: 'test:fail' | 'test:pass' })['data'];

export default async function* outcome(source: AsyncIterable<TestEvent>): AsyncGenerator<string, void> {
  let passed = 0;
  let skipped = 0;
  const failed: Failure[] = [];
  /** For each file, the titles of the tests that have started and not ended, by nesting. */
  const started = new Map<string | undefined, string[]>();

  for await (const event of source) {
    if (event.type === 'test:start') {
      const open = started.get(event.data.file)?.slice(0, event.data.nesting) ?? [];
      started.set(event.data.file, [...open, event.data.name]);
    } else if (event.type === 'test:pass' && event.data.details.type !== 'suite') {
      if (event.data.skip === undefined) passed += 1;
      else skipped += 1;
    } else if (event.type === 'test:fail' && !failsByItsTests(event.data.details.error)) {
      failed.push(failureOf(event.data, started.get(event.data.file) ?? [], event.data.details.error));
    }
  }
  yield JSON.stringify({ passed, skipped, failed } satisfies Outcome);
}

function failureOf(data: Report, open: readonly string[], error: Error): Failure {
  return {
    file: data.file === undefined ? 'unknown file' : relative(process.cwd(), data.file),
    titles: [...open.slice(0, data.nesting), data.name],
    error: inspect(error.cause ?? error),
  };
}

/** Whether a suite failed only because tests in it failed, which are reported by themselves. */
function failsByItsTests(error: Error): boolean {
  return 'failureType' in error && error.failureType === 'subtestsFailed';
}
