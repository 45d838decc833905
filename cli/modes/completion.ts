import { fail } from '../../shared/errors.ts';
import { complete } from '../completion/complete.ts';
import { clusterNames } from '../completion/names.ts';
import { SCRIPTS, SHELLS } from '../completion/scripts.ts';
import type { Context } from '../context.ts';
import type { Options } from '../options.ts';
import { writeText } from '../output.ts';

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

/** Answers a shell what may stand where its cursor is: see `scripts.ts`. */
export async function answerShell(words: readonly string[], context: Context): Promise<void> {
  const { candidates, files } = await complete(words, clusterNames(context));
  const lines = candidates.map(([text, help]) => (help === '' ? text : `${text}\t${help}`));
  process.stdout.write([...lines, `:${files ? 0 : NO_FILES}`, ''].join('\n'));
}
