import { emptyValueWarning } from '../../shared/input/empty-value.ts';
import type { CliContext } from '../context.ts';

const NEWLINE = 0x0a;

/** Warns that values on the command line are not secret any more. */
export function noteHistory(context: CliContext): void {
  context.warn(
    "(a value on the command line stays in the shell's history, and other users can see it while kubeseal runs; " +
      'type it with --prompt, or read it from stdin or a file)',
  );
}

/** Warns of values that are empty, which is often a variable of the shell that is not set. */
export function warnOfEmpty(values: ReadonlyMap<string, Uint8Array>, context: CliContext): void {
  for (const [item, value] of values)
    if (value.length === 0) context.warn(`warning: ${emptyValueWarning(item)}`);
}

/** Notes a final line break in the value from stdin: `echo` adds it, and few mean it. */
export function noteFinalNewline(value: Buffer, context: CliContext): void {
  if (value.at(-1) !== NEWLINE) return;
  const remedy = process.stdin.isTTY ? 'press Ctrl-D twice' : "use printf '%s' or echo -n";
  context.warn(`(the trailing newline is part of the value; ${remedy} to leave it out)`);
}
