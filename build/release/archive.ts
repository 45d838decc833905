import { gzipSync } from 'node:zlib';

/** A file in an archive. */
export interface Entry {
  /** The path in the archive, with `/` as separator. */
  readonly path: string;
  readonly data: Buffer;
  readonly executable?: boolean;
}

/** Packs files into a reproducible `.tar.gz`, sorted by name. */
export function tarGz(entries: readonly Entry[]): Buffer {
  const sorted = entries.toSorted((a, b) => (a.path < b.path ? -1 : 1));
  const parts = sorted.flatMap((entry) => [header(entry), entry.data, padding(entry.data.length)]);
  // Two empty blocks mark the end of the archive.
  const packed = gzipSync(Buffer.concat([...parts, Buffer.alloc(2 * BLOCK)]));
  // Node's gzip header has no name and no time, but the operating system (RFC 1952); 255 means "unknown".
  packed[9] = 255;
  return packed;
}

const BLOCK = 512;

function padding(length: number): Buffer {
  return Buffer.alloc((BLOCK - (length % BLOCK)) % BLOCK);
}

/**
 * Returns a header in the format of POSIX.1-2001 ("ustar"): owned by root, dated 1 January 1980, readable by the
 * oldest tools.
 */
function header({ path, data, executable = false }: Entry): Buffer {
  const block = Buffer.alloc(BLOCK);
  const octal = (value: number, offset: number, length: number): void => {
    block.write(`${value.toString(8).padStart(length - 1, '0')}\0`, offset, 'latin1');
  };
  if (Buffer.byteLength(path) > 100) throw new Error(`too long a path for an archive: ${path}`);
  block.write(path, 0);
  octal(executable ? 0o755 : 0o644, 100, 8);
  octal(0, 108, 8);
  octal(0, 116, 8);
  octal(data.length, 124, 12);
  octal(TIME, 136, 12);
  block.write(' '.repeat(8), 148, 'latin1'); // the checksum counts itself as spaces
  block.write('0', 156, 'latin1'); // a regular file
  block.write('ustar\0' + '00', 257, 'latin1');
  block.write('root', 265, 'latin1');
  block.write('root', 297, 'latin1');
  octal(
    block.reduce((sum, byte) => sum + byte, 0),
    148,
    7,
  );
  return block;
}

const TIME = Date.UTC(1980, 0, 1) / 1000;
