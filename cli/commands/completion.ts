import { fail } from '../../shared/errors.ts';
import { quoteForBash, readBashLine } from '../flags/completion/bash-line.ts';
import { isPlain } from '../flags/completion/candidates.ts';
import { complete } from '../flags/completion/complete.ts';
import { clusterNames } from '../flags/completion/names.ts';
import { SCRIPTS, SHELLS } from '../flags/completion/scripts.ts';
import type { CliContext } from '../context.ts';
import type { Options } from '../flags/options.ts';
import { writeText } from '../io/output.ts';

/** Prints what a shell loads to complete this program. */
export async function completionMode(options: Options): Promise<void> {
  const shell = SHELLS.find((name) => name === options.shell);
  if (shell === undefined) {
    return fail({ code: 'Usage', problem: `completion: name a shell: ${SHELLS.join(', ')}` });
  }
  await writeText(SCRIPTS[shell], options, false);
}

/** cobra's directive: file names may not stand here. */
const NO_FILES = 4;

/**
 * Answers a shell what may stand where its cursor is: see `scripts.ts`. Scripts of others, such as kubectl's, ask with
 * `__complete` and may insert candidates as they are, so they get only those that need no quotes.
 */
export async function answerShell(
  asker: string,
  words: readonly string[],
  context: CliContext,
): Promise<void> {
  const names = clusterNames(context);
  if (asker === '__completeBash') {
    const [line = '', breaks = ''] = words;
    const { words: read, kept, quote } = readBashLine(line, breaks);
    const { candidates, files } = await complete(read, names);
    const rest = candidates.flatMap(([text]) => {
      const quoted = quoteForBash(text.slice(text.startsWith(kept) ? kept.length : 0), quote);
      return quoted === undefined ? [] : [quoted];
    });
    answer(rest, files ? 0 : NO_FILES);
    return;
  }
  const { candidates, files } = await complete(words, names);
  const given = asker === '__completeQuoted' ? candidates : candidates.filter(([text]) => isPlain(text));
  answer(
    given.map(([text, help]) => (help === '' ? text : `${text}\t${help}`)),
    files ? 0 : NO_FILES,
  );
}

function answer(lines: readonly string[], directive: number): void {
  process.stdout.write([...lines, `:${directive}`, ''].join('\n'));
}
