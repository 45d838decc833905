/** Parses IP addresses as Go's `net/netip` does. */
import { failCall } from '../function.ts';
import { quote } from '../quote.ts';

/** A parsed IP address. */
export interface Address {
  /** 4 or 16 bytes. */
  readonly bytes: readonly number[];
  /** The zone of an IPv6 address, or empty. */
  readonly zone: string;
}

/** Parses an address. Fails with Go's error message. */
export function parseAddress(text: string): Address {
  const mark = /[.:%]/.exec(text)?.[0];
  if (mark === '.') return { bytes: new Reader(text).ipv4(text), zone: '' };
  if (mark === ':') return new Reader(text).ipv6();
  return new Reader(text).fail(mark === '%' ? 'missing IPv6 address' : 'unable to parse IP');
}

class Reader {
  readonly #text: string;

  constructor(text: string) {
    this.#text = text;
  }

  fail(problem: string, at = ''): never {
    const place = at === '' ? '' : ` (at ${quote(at)})`;
    return failCall(`ParseAddr(${quote(this.#text)}): ${problem}${place}`);
  }

  /** Parses `text`, which is all or the tail of the input, into four bytes. */
  ipv4(text: string): number[] {
    const bytes: number[] = [];
    let value = 0;
    let digits = 0;
    for (let at = 0; at < text.length; at++) {
      const character = text.charAt(at);
      if (character >= '0' && character <= '9') {
        if (digits === 1 && value === 0) this.fail('IPv4 field has octet with leading zero');
        value = value * 10 + Number(character);
        digits++;
        if (value > 255) this.fail('IPv4 field has value >255');
      } else if (character === '.') {
        if (at === 0 || at === text.length - 1 || text[at - 1] === '.') {
          this.fail('IPv4 field must have at least one digit', text.slice(at));
        }
        if (bytes.length === 3) this.fail('IPv4 address too long');
        bytes.push(value);
        value = 0;
        digits = 0;
      } else {
        this.fail('unexpected character', text.slice(at));
      }
    }
    if (bytes.length < 3) this.fail('IPv4 address too short');
    return [...bytes, value];
  }

  ipv6(): Address {
    const percent = this.#text.indexOf('%');
    const zone = percent === -1 ? '' : this.#text.slice(percent + 1);
    if (percent !== -1 && zone === '') this.fail('zone must be a non-empty string');
    let left = percent === -1 ? this.#text : this.#text.slice(0, percent);
    const bytes: number[] = [];
    let gap: number | undefined;
    if (left.startsWith('::')) {
      gap = 0;
      left = left.slice(2);
      if (left === '') return { bytes: new Array<number>(16).fill(0), zone };
    }
    while (bytes.length < 16) {
      const field = /^[0-9a-fA-F]*/.exec(left)?.[0] ?? '';
      if (field.length > 4) this.fail('each group must have 4 or less digits', left);
      if (field === '') this.fail('each colon-separated field must have at least one digit', left);
      if (left[field.length] === '.') {
        if (gap === undefined && bytes.length !== 12) {
          this.fail('embedded IPv4 address must replace the final 2 fields of the address', left);
        }
        if (bytes.length > 12) {
          this.fail('too many hex fields to fit an embedded IPv4 at the end of the address', left);
        }
        bytes.push(...this.ipv4(left));
        left = '';
        break;
      }
      const value = parseInt(field, 16);
      bytes.push(value >> 8, value & 0xff);
      left = left.slice(field.length);
      if (left === '') break;
      if (!left.startsWith(':')) this.fail('unexpected character, want colon', left);
      if (left === ':') this.fail('colon must be followed by more characters', left);
      left = left.slice(1);
      if (left.startsWith(':')) {
        if (gap !== undefined) this.fail('multiple :: in address', left);
        gap = bytes.length;
        left = left.slice(1);
        if (left === '') break;
      }
    }
    if (left !== '') this.fail('trailing garbage after address', left);
    if (bytes.length < 16) {
      if (gap === undefined) return this.fail('address string too short');
      bytes.splice(gap, 0, ...new Array<number>(16 - bytes.length).fill(0));
    } else if (gap !== undefined) {
      this.fail('the :: must expand to at least one field of zeros');
    }
    return { bytes, zone };
  }
}
