/**
 * A reporter for `node --test` whose only output is one JSON document, an `Outcome`: how many tests passed, failed and
 * were skipped, and which failed and why. See https://nodejs.org/api/test.html#custom-reporters.
 */
import { relative } from 'node:path';
import type { TestEvent } from 'node:test/reporters';
import { inspect } from 'node:util';

/** The totals of a test run, and its failures. */
export interface Outcome {
  readonly passed: number;
  readonly skipped: number;
  readonly failed: readonly Failure[];
}

/** A test that failed. */
export interface Failure {
  readonly file: string;
  /** The titles of the enclosing suites and of the test, outermost first. */
  readonly titles: readonly string[];
  readonly error: string;
}

type Report = (TestEvent & { type: 'test:fail' | 'test:pass' })['data'];

/** Collects the events of a test run into one `Outcome`. */
export default async function* outcome(source: AsyncIterable<TestEvent>): AsyncGenerator<string, void> {
  let passed = 0;
  let skipped = 0;
  const failed: Failure[] = [];
  /** By file, the titles of the tests in progress, indexed by nesting level. */
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

/** Whether a suite failed only because of its tests, which are reported separately. */
function failsByItsTests(error: Error): boolean {
  return 'failureType' in error && error.failureType === 'subtestsFailed';
}
