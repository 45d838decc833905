import { closeSync, createReadStream, fstatSync, openSync, readSync, statSync } from 'node:fs';
import { SealedSecretsError } from '../../shared/errors.ts';
import { fail, systemCode, systemReason } from '../../shared/file-errors.ts';
import { readDocuments, requireDocuments, type Document } from '../../shared/manifest/read.ts';
import type { CliContext } from '../context.ts';

/** Returns the documents of the input file or stdin. Throws `NoDocument` with the kind `wanted` if there are none. */
export async function readInput(
  file: string | undefined,
  wanted: string,
  context: CliContext,
): Promise<readonly Document[]> {
  const source = sourceOf(file);
  return requireDocuments(readDocuments(await readBytes(file, wanted, context), source), source, wanted);
}

/** Returns the name of the input file or stdin for messages. */
export function sourceOf(file: string | undefined): string {
  return file ?? '<stdin>';
}

/** Returns the bytes of the input file or stdin. `wanted` names the input in the prompt on a terminal. */
export async function readBytes(
  file: string | undefined,
  wanted: string,
  context: CliContext,
): Promise<Buffer> {
  return file === undefined ? readStdin(wanted, context) : readFileBytes(file);
}

/** The largest input: a few hundred times the data of the largest Secret. */
export const INPUT_LIMIT = { bytes: 256 * 1024 * 1024, words: '256 MiB' };

/** Returns the bytes of a file. Throws `NoSuchFile`, `UnreadableFile` or `TooLarge`. */
export async function readFileBytes(path: string): Promise<Buffer> {
  try {
    if (statSync(path).isFile()) return readRegularFile(path);
    return await readStream(createReadStream(path), path);
  } catch (error) {
    if (error instanceof SealedSecretsError) throw error;
    const code = systemCode(error);
    if (code === 'ENOENT') return fail({ code: 'NoSuchFile', path });
    return fail({ code: 'UnreadableFile', path, reason: systemReason(code) });
  }
}

/** The buffers for a file whose size is not known, as in /proc, or that has grown. */
const CHUNK_BYTES = 64 * 1024;

/** Reads without a stream, which takes longer to set up in Bun than a small file takes to read. Never for a pipe. */
function readRegularFile(path: string): Buffer {
  const descriptor = openSync(path, 'r');
  try {
    const { size } = fstatSync(descriptor);
    if (size > INPUT_LIMIT.bytes) fail({ code: 'TooLarge', at: path, limit: INPUT_LIMIT.words });
    const [first = Buffer.alloc(0), ...others] = boundedChunks(descriptor, { size, at: path });
    return others.length === 0 ? first : Buffer.concat([first, ...others]);
  } finally {
    closeSync(descriptor);
  }
}

/** Reads into one buffer if the size is right: it has a byte more, so that the end is found without another one. */
function* boundedChunks(
  descriptor: number,
  expected: { readonly size: number; readonly at: string },
): Generator<Buffer> {
  let space = Buffer.allocUnsafe(expected.size > 0 ? expected.size + 1 : CHUNK_BYTES);
  for (let size = 0; ;) {
    if (space.length === 0) space = Buffer.allocUnsafe(CHUNK_BYTES);
    const length = readSync(descriptor, space);
    if (length === 0) return;
    size += length;
    if (size > INPUT_LIMIT.bytes) fail({ code: 'TooLarge', at: expected.at, limit: INPUT_LIMIT.words });
    yield space.subarray(0, length);
    space = space.subarray(length);
  }
}

async function readStdin(wanted: string, context: CliContext): Promise<Buffer> {
  if (process.stdin.isTTY)
    context.warn(`(reading a ${wanted} from the terminal; press Ctrl-D to end, or use -f FILE)`);
  try {
    return await readStream(process.stdin, '<stdin>');
  } catch (error) {
    if (error instanceof SealedSecretsError) throw error;
    return fail({ code: 'UnreadableFile', path: '<stdin>', reason: systemReason(systemCode(error)) });
  }
}

async function readStream(stream: AsyncIterable<Buffer>, at: string): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of stream) {
    size += chunk.length;
    if (size > INPUT_LIMIT.bytes) fail({ code: 'TooLarge', at, limit: INPUT_LIMIT.words });
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
