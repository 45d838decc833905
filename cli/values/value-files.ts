import { readdirSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fail as failFile, systemCode, systemReason } from '../../shared/file-errors.ts';
import { usageError } from '../flags/usage-error.ts';
import { readFileBytes } from '../io/input.ts';
import type { NewItems } from './items.ts';

const FLAG = '--from-file';

/**
 * Adds the items that one `--from-file` names, as `kubectl create secret generic` reads it: `KEY=PATH`, a file whose
 * name is the key, or a folder, each of whose regular files is an item. Throws `Usage`, and what reading a file and
 * `NewItems.add` throw.
 */
export async function addFromFile(text: string, items: NewItems): Promise<void> {
  const parts = text.split('=');
  const [first = '', second] = parts;
  if (parts.length > 2) usageError(`${FLAG}: neither a key nor a path can hold "="`);
  if (first === '') usageError(`${FLAG}: the key before the "=" is missing`);
  if (second === '') usageError(`${FLAG}: the path behind the "=" is missing`);
  const path = second ?? first;
  if (!isFolder(path)) {
    items.add(second === undefined ? basename(path) : first, await readFileBytes(path), FLAG);
    return;
  }
  if (second !== undefined) usageError(`${FLAG}: ${path} is a folder, which has no key of its own`);
  for (const file of regularFilesIn(path)) items.add(file, await readFileBytes(join(path, file)), FLAG);
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
}

/** Returns the names of the files in a folder, without links, folders and pipes. */
function regularFilesIn(path: string): readonly string[] {
  try {
    return readdirSync(path, { withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map(({ name }) => name)
      .sort();
  } catch (error) {
    return failFile({ code: 'UnreadableFile', path, reason: systemReason(systemCode(error)) });
  }
}
