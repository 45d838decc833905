import type { CliContext } from '../context.ts';

/** Returns a context that prints each line once: what is wrong with an input is so for every cluster. */
export function warnOnce(context: CliContext): CliContext {
  const printed = new Set<string>();
  return {
    ...context,
    warn: (line) => {
      if (printed.has(line)) return;
      printed.add(line);
      context.warn(line);
    },
  };
}
