import { asJson, formatDocuments, type Format } from '../../shared/manifest/write.ts';
import type { CliContext } from '../context.ts';
import { allSealed } from '../files/sealed-file.ts';
import { fileWord } from '../flags/file-word.ts';
import { formatOption, selectionOptions, type SelectionOptions } from '../flags/options.ts';
import type { ParsedFlags } from '../flags/parsed-flags.ts';
import { readSuspects } from '../inspect/certificates.ts';
import { explainDocument, type ExplainedDocument } from '../inspect/explained-document.ts';
import { explanationText } from '../inspect/explanation-text.ts';
import { readBytes, sourceOf } from '../io/input.ts';
import { writeStdout } from '../io/output.ts';
import { defineCommand } from './command.ts';

interface ExplainOptions extends SelectionOptions {
  readonly command: 'explain';
  /** Undefined for stdin. */
  readonly file: string | undefined;
  /** Files and URLs of certificates that may have sealed it. */
  readonly certs: readonly string[];
  /** Undefined for text. */
  readonly format: Format | undefined;
}

/** `explain FILE`: tells what the SealedSecrets of a file are, without a private key and without a cluster. */
export const explain = defineCommand<ExplainOptions>({
  name: 'explain',
  options: explainOptions,
  run: explainFile,
});

function explainOptions(flags: ParsedFlags): ExplainOptions {
  return {
    command: 'explain',
    file: fileWord(flags, 'explain'),
    certs: flags.list('cert'),
    format: formatOption(flags),
    ...selectionOptions(flags),
  };
}

async function explainFile(options: ExplainOptions, context: CliContext): Promise<void> {
  const suspects = await readSuspects(options.certs, context);
  const source = sourceOf(options.file);
  const bytes = await readBytes(options.file, 'SealedSecret', context);
  const now = context.clock.now();
  const explained: ExplainedDocument[] = [];
  for (const each of allSealed({ source, bytes }, options))
    explained.push(await explainDocument(each, { suspects, now }));
  const text =
    options.format === undefined
      ? explained.map(explanationText).join('\n')
      : formatDocuments([asJson({ file: source, sealedSecrets: explained })], options.format);
  await writeStdout(text);
}
