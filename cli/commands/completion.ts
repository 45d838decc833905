import { quoteForBash, parseBashLine } from '../flags/completion/bash-line.ts';
import { isPlain } from '../flags/completion/candidates.ts';
import { complete } from '../flags/completion/complete.ts';
import { clusterNames } from '../flags/completion/names.ts';
import { SCRIPTS, SHELLS, type Shell } from '../flags/completion/scripts.ts';
import type { CliContext } from '../context.ts';
import { clustersNear } from '../config/names.ts';
import { itemsInFile } from '../files/items.ts';
import { outputOptions, type OutputOptions } from '../flags/options.ts';
import type { ParsedFlags } from '../flags/parsed-flags.ts';
import { usageError } from '../flags/usage-error.ts';
import { writeText } from '../io/output.ts';
import { defineCommand } from './command.ts';

interface CompletionOptions extends OutputOptions {
  readonly command: 'completion';
  readonly shell: Shell;
}

/** `completion SHELL`: prints the script that a shell loads to complete `kubeseal`. */
export const completion = defineCommand<CompletionOptions>({
  name: 'completion',
  informational: true,
  options: completionOptions,
  run: (options) => writeText(SCRIPTS[options.shell], options, false),
});

function completionOptions(flags: ParsedFlags): CompletionOptions {
  const shell =
    SHELLS.find((name) => name === flags.words[0]) ??
    usageError(`completion: specify a shell: ${SHELLS.join(', ')}`);
  return { command: 'completion', ...outputOptions(flags), shell };
}

/** cobra's directive that file names are no candidates (`ShellCompDirectiveNoFileComp`). */
const NO_FILES = 4;

/**
 * Prints the candidates for the word at the shell's cursor, in the format that `scripts.ts` describes. Scripts that are
 * not ours, such as kubectl's, call `__complete` and may insert candidates unquoted, so they get only those that need no
 * quotes.
 */
export async function answerShell(
  request: string,
  words: readonly string[],
  context: CliContext,
): Promise<void> {
  const names = { ...clusterNames(context), items: itemsInFile, clusters: () => clustersNear(context) };
  if (request === '__completeBash') {
    const [line = '', breaks = ''] = words;
    const { words: read, kept, quote } = parseBashLine(line, breaks);
    const { candidates, files } = await complete(read, names);
    const rest = candidates.flatMap(([text]) => {
      const quoted = quoteForBash(text.slice(text.startsWith(kept) ? kept.length : 0), quote);
      return quoted === undefined ? [] : [quoted];
    });
    answer(rest, files ? 0 : NO_FILES);
    return;
  }
  const { candidates, files } = await complete(words, names);
  const safe = request === '__completeQuoted' ? candidates : candidates.filter(([text]) => isPlain(text));
  answer(
    safe.map(([text, help]) => (help === '' ? text : `${text}\t${help}`)),
    files ? 0 : NO_FILES,
  );
}

function answer(lines: readonly string[], directive: number): void {
  process.stdout.write([...lines, `:${directive}`, ''].join('\n'));
}
