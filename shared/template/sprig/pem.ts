/** Parses PEM as Go's `encoding/pem` does. */
import type { PemBlock } from '../../x509/pem.ts';
import { CallError } from '../function.ts';
import { toBuffer } from '../buffer.ts';
import { decodeBase64 } from './encodings.ts';

/** Returns the first block of a text, or null if there is none. */
export function decodePem(text: string): PemBlock<Buffer> | null {
  let from = 0;
  for (;;) {
    const end = text.indexOf('\n-----END ', from);
    if (end === -1) return null;
    // Search only the text after the previous block, so that each byte is searched once.
    const found = text.slice(from, end).lastIndexOf('-----BEGIN ');
    const begin = from + found;
    if (found !== -1 && (begin === 0 || text[begin - 1] === '\n')) {
      const block = blockAt(text, begin, end);
      if (block !== null) return block;
    }
    from = end + '\n-----END '.length;
  }
}

function blockAt(text: string, begin: number, end: number): PemBlock<Buffer> | null {
  const [firstLine = '', ...lines] = text.slice(begin, end).split('\n');
  const type = /^-----BEGIN (.*)-----[ \t\r]*$/.exec(firstLine)?.[1];
  const lineEnd = text.indexOf('\n', end + 1);
  const lastLine = text.slice(end + 1, lineEnd === -1 ? undefined : lineEnd);
  if (type === undefined || withoutBlanks(lastLine) !== `-----END ${type}-----`) return null;
  const headers = lines.findIndex((line) => !isHeader(line));
  const body = headers === -1 ? [] : lines.slice(headers);
  try {
    return { type, der: toBuffer(decodeBase64(body.join('\n').replace(/[ \t]/g, ''))) };
  } catch (error) {
    if (error instanceof CallError) return null;
    throw error;
  }
}

function isHeader(line: string): boolean {
  return line.includes(':');
}

/** Removes trailing white space. A regular expression would visit each blank many times. */
function withoutBlanks(line: string): string {
  let end = line.length;
  while (end > 0 && ' \t\r'.includes(line.charAt(end - 1))) end--;
  return line.slice(0, end);
}
