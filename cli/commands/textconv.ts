import type { CliContext } from '../context.ts';
import { fileWord } from '../flags/file-word.ts';
import { readableText } from '../inspect/readable.ts';
import { readBytes } from '../io/input.ts';
import { writeStdout } from '../io/output.ts';
import { defineCommand } from './command.ts';

interface TextconvOptions {
  readonly command: 'textconv';
  /** Undefined for stdin. */
  readonly file: string | undefined;
}

/** `textconv FILE`: prints a file for `git diff`, with words in place of ciphertexts. */
export const textconv = defineCommand<TextconvOptions>({
  name: 'textconv',
  options: (flags) => ({ command: 'textconv', file: fileWord(flags, 'textconv') }),
  run: printReadable,
});

/** Prints any other file unchanged, so that `git diff` never fails. */
async function printReadable({ file }: TextconvOptions, context: CliContext): Promise<void> {
  const bytes = await readBytes(file, 'SealedSecret', context);
  await writeStdout(readableText(bytes) ?? bytes);
}
