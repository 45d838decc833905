/** The escaping functions behind `html`, `js` and `urlquery`, for byte strings (see value.ts). */
import { isPrint } from './unicode.ts';
import { decodeRune, encodeRune, RUNE_ERROR } from './utf8.ts';

const HTML = new Map([
  [0x00, encodeRune(RUNE_ERROR)],
  [0x22, '&#34;'],
  [0x26, '&amp;'],
  [0x27, '&#39;'],
  [0x3c, '&lt;'],
  [0x3e, '&gt;'],
]);

/** Escapes text like Go's `template.HTMLEscapeString`. */
export function escapeHtml(text: string): string {
  return text.replace(/[^ !#-%(-;=?-~]/g, (byte) => HTML.get(byte.charCodeAt(0)) ?? byte);
}

/** Escapes text like Go's `template.JSEscapeString`. */
export function escapeJs(text: string): string {
  if (!/[^ !#-%(-;?-[\]-\u007f]/.test(text)) return text;
  let escaped = '';
  for (let at = 0; at < text.length;) {
    const [rune, size] = decodeRune(text, at);
    const bytes = text.slice(at, at + size);
    at += size;
    if (rune >= 0x80) escaped += isPrint(rune) ? bytes : `\\u${hex(rune)}`;
    else if (bytes === '\\' || bytes === "'" || bytes === '"') escaped += `\\${bytes}`;
    else escaped += rune >= 0x20 && !'<>&='.includes(bytes) ? bytes : `\\u${hex(rune)}`;
  }
  return escaped;
}

function hex(rune: number): string {
  return rune.toString(16).toUpperCase().padStart(4, '0');
}

/** Escapes text like Go's `url.QueryEscape`. */
export function escapeQuery(text: string): string {
  return text.replace(/[^A-Za-z0-9\-_.~]/g, (byte) =>
    byte === ' ' ? '+' : `%${byte.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`,
  );
}
