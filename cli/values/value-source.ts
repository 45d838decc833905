import type { CliContext } from '../context.ts';
import { usageError } from '../flags/usage-error.ts';
import { readBytes, readFileBytes } from '../io/input.ts';
import { noteFinalNewline } from './notes.ts';
import { promptFor } from './prompts.ts';

/** Where the values of items come from that the command line names without a value. */
export type ValueSource =
  | { readonly from: 'nowhere' }
  | { readonly from: 'stdin'; readonly item: string }
  | { readonly from: 'file'; readonly item: string; readonly file: string }
  | { readonly from: 'prompt'; readonly items: readonly string[] };

/** The flags that name a source of values. */
export interface SourceFlags {
  readonly stdin: boolean;
  readonly file: string | undefined;
  readonly prompt: boolean;
  /** The file to change. Undefined for stdin. */
  readonly input: string | undefined;
}

/** Returns the source of the items without a value. Throws `Usage` if the flags and items do not fit together. */
export function valueSourceOf(
  items: readonly string[],
  { stdin, file, prompt, input }: SourceFlags,
): ValueSource {
  const flags = [
    ...(stdin ? ['--value-stdin'] : []),
    ...(file === undefined ? [] : ['--value-file']),
    ...(prompt ? ['--prompt'] : []),
  ];
  const [flag, another] = flags;
  const [item, second] = items;
  if (flag === undefined) {
    if (item === undefined) return { from: 'nowhere' };
    return usageError(
      `"${item}" has no value: use ${item}=VALUE, --value-stdin, --value-file FILE or --prompt`,
    );
  }
  if (another !== undefined) usageError(`${flag} and ${another} cannot be used together`);
  if (item === undefined)
    return usageError(`${flag} needs the name of an item without "=": kubeseal set FILE KEY ${flag}`);
  if (prompt) return { from: 'prompt', items };
  if (second !== undefined) usageError(`${flag} gives the value of one item, not of ${items.length}`);
  if (file !== undefined && file !== '-') return { from: 'file', item, file };
  if (input === undefined) usageError(`${flag}: stdin is the file to change; read the value from elsewhere`);
  return { from: 'stdin', item };
}

/** Reads the values, byte for byte. Notes a final line break in stdin. */
export async function readValues(
  source: ValueSource,
  context: CliContext,
): Promise<ReadonlyMap<string, Uint8Array>> {
  switch (source.from) {
    case 'nowhere':
      return new Map();
    case 'stdin': {
      const value = await readBytes(undefined, 'value', context);
      noteFinalNewline(value, context);
      return new Map([[source.item, value]]);
    }
    case 'file':
      return new Map([[source.item, await readFileBytes(source.file)]]);
    case 'prompt':
      return promptFor(source.items, '--prompt');
  }
}
