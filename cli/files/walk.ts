import { realpathSync, statSync } from 'node:fs';
import { Failure } from '../../shared/errors.ts';
import { fileFailure } from '../../shared/file-errors.ts';
import { FolderWalk, unreadable, type WalkOptions, type Walked } from './folder-walk.ts';

/**
 * Finds the YAML and JSON files in folders as `FolderWalk` does, and takes files that are named themselves as they are.
 * Skips a file that was found before.
 *
 * @param words paths of files and folders
 */
export async function* walk(words: readonly string[], options: WalkOptions): AsyncGenerator<Walked> {
  const found = new Set<string>();
  for (const word of words) {
    for await (const each of filesAt(word, options)) {
      if (!(each instanceof Failure)) {
        if (found.has(each.real)) continue;
        found.add(each.real);
      }
      yield each;
    }
  }
}

async function* filesAt(word: string, options: WalkOptions): AsyncGenerator<Walked> {
  try {
    const stats = statSync(word);
    const found = { real: realpathSync(word), shown: word };
    if (stats.isDirectory()) yield* new FolderWalk(found, options).files();
    else if (stats.isFile()) yield found;
    else yield fileFailure({ code: 'UnreadableFile', path: word, reason: 'not a file or folder' });
  } catch (error) {
    yield unreadable(error, word);
  }
}
