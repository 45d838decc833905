import { replaceTogether, type Replacement } from './replace-together.ts';
import { writeText } from './output.ts';

/** What a command writes, before it writes anything. */
export interface PlannedFile {
  /** Undefined for stdout. */
  readonly path: string | undefined;
  /** The new content; undefined to write nothing. */
  readonly text: string | undefined;
  /** The bytes of the file that the new content was made from, if it was. */
  readonly before?: Uint8Array;
  /** Reports and remembers the file. Called when all files are written. */
  readonly finish?: () => void | Promise<void>;
}

/**
 * Writes planned files. Several are written together: all or none of them. One may also be stdout, a pipe or a device.
 * Throws as `writeText` and `replaceTogether` do.
 */
export async function writePlanned(planned: readonly PlannedFile[]): Promise<void> {
  const [first, ...more] = planned;
  if (first !== undefined && more.length === 0) await writeOne(first);
  else await replaceTogether(planned.flatMap((each) => replacementOf(each) ?? []));
  for (const { finish } of planned) await finish?.();
}

async function writeOne({ path, text }: PlannedFile): Promise<void> {
  if (text === undefined) return;
  await writeText(text, { sealedSecretFile: path }, false);
}

function replacementOf({ path, text, before }: PlannedFile): Replacement | undefined {
  return path === undefined || text === undefined ? undefined : { path, content: text, before };
}
