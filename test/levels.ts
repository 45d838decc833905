/** The levels of tests, from the fastest to the slowest. */
export const LEVELS = ['unit', 'integration', 'e2e'] as const;
/** A level of tests. */
export type Level = (typeof LEVELS)[number];

/** Folders whose tests start a control plane or run helm. */
const E2E = /^(chart|control-plane|e2e|examples|faults)\//;
/** Folders whose tests run other programs, or test connections and servers themselves. */
const INTEGRATION =
  /^(browser|build|ci|cli|library\/packed|readers|controller\/(informer|server)|shared\/kubernetes)\//;

/** Returns the level of a test file, which depends on its folder alone. The path is relative to `test`. */
export function levelOf(file: string): Level {
  if (E2E.test(file)) return 'e2e';
  return INTEGRATION.test(file) ? 'integration' : 'unit';
}
