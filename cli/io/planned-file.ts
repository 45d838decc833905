import { replaceTogether, type Replacement } from './replace-together.ts';
import { isReplaceable, writeText } from './output.ts';

/** What a command writes, before it writes anything. */
export interface PlannedFile {
  /** Undefined for stdout. */
  readonly path: string | undefined;
  /** The new content; undefined to write nothing. */
  readonly text: string | undefined;
  /** The bytes of the file that the new content was made from, if it was. */
  readonly before?: Uint8Array | undefined;
  /** Reports and remembers the file. Called when all files are written. */
  readonly finish?: () => void | Promise<void>;
}

/**
 * Writes planned files together: all or none of them, and none if another program changed one meanwhile. What cannot be
 * replaced, such as stdout, a pipe or a device, is written into. Throws as `writeText` and `replaceTogether` do.
 */
export async function writePlanned(planned: readonly PlannedFile[]): Promise<void> {
  const replacements: Replacement[] = [];
  for (const { path, text, before } of planned) {
    if (text === undefined) continue;
    if (path !== undefined && (await isReplaceable(path))) replacements.push({ path, content: text, before });
    else await writeText(text, { sealedSecretFile: path }, false);
  }
  await replaceTogether(replacements);
  for (const { finish } of planned) await finish?.();
}
