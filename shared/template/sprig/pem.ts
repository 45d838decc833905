/** PEM as Go's `encoding/pem` writes and reads it. */
import { CallError } from '../function.ts';
import { toBuffer } from '../utf8.ts';
import { decodeBase64 } from './encodings.ts';

export interface PemBlock {
  readonly type: string;
  readonly der: Buffer;
}

export function encodePem({ type, der }: PemBlock): string {
  const lines = der.toString('base64').replace(/.{64}(?=.)/g, '$&\n');
  return `-----BEGIN ${type}-----\n${lines}${lines === '' ? '' : '\n'}-----END ${type}-----\n`;
}

/** The first block in a text; null where there is none. */
export function decodePem(text: string): PemBlock | null {
  let from = 0;
  for (;;) {
    const end = text.indexOf('\n-----END ', from);
    if (end === -1) return null;
    const begin = text.lastIndexOf('-----BEGIN ', end - 1);
    if (begin >= from && (begin === 0 || text[begin - 1] === '\n')) {
      const block = blockAt(text, begin, end);
      if (block !== null) return block;
    }
    from = end + '\n-----END '.length;
  }
}

function blockAt(text: string, begin: number, end: number): PemBlock | null {
  const [firstLine = '', ...lines] = text.slice(begin, end).split('\n');
  const type = /^-----BEGIN (.*)-----[ \t\r]*$/.exec(firstLine)?.[1];
  const [lastLine = ''] = text.slice(end + 1).split('\n', 1);
  if (type === undefined || lastLine.replace(/[ \t\r]+$/, '') !== `-----END ${type}-----`) return null;
  const body = lines.filter((line, index) => !(line.includes(':') && lines.slice(0, index).every(isHeader)));
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
