import { quotesNote, readEnvLines } from '../../shared/input/env-lines.ts';
import type { CliContext } from '../context.ts';
import { readFileBytes } from '../io/input.ts';
import type { NewItems } from './items.ts';

/**
 * Adds the items of a file with `NAME=VALUE` lines, as `--from-env-file` of kubectl reads it. Takes a name without `=`
 * from the environment. Throws what `readEnvLines`, reading a file and `NewItems.add` throw.
 */
export async function addFromEnvFile(path: string, items: NewItems, context: CliContext): Promise<void> {
  const lines = readEnvLines(await readFileBytes(path), path).map(({ name, value }) => ({
    name,
    value: value ?? context.environment[name] ?? '',
  }));
  for (const { name, value } of lines) items.add(name, Buffer.from(value), '--from-env-file');
  const note = quotesNote(lines, path);
  if (note !== undefined) context.warn(`(${note})`);
}
