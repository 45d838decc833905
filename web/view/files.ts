import { MAX_PASTED } from '../model/pasted-limit.ts';

/** The bytes of a file and its name. */
export interface Content {
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** The name of the file; undefined for typed or pasted text. */
  readonly fileName: string | undefined;
}

/** The most of a file that is read, in bytes. It is more than any input may have, so that it is refused. */
const MAX_READ = MAX_PASTED + 1;

/** Reads a file. Returns undefined if the browser cannot, such as for a folder. */
export async function readFile(file: File): Promise<Content | undefined> {
  try {
    return {
      bytes: new Uint8Array(await file.slice(0, MAX_READ).arrayBuffer()),
      fileName: file.name,
    };
  } catch {
    return undefined;
  }
}

/** Formats a number of bytes with a comma between thousands. */
export function byteCount(bytes: number): string {
  return `${bytes.toLocaleString('en')} ${bytes === 1 ? 'byte' : 'bytes'}`;
}
