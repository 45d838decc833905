/** Parses and formats URLs as Go's `net/url` does, for `urlParse` and `urlJoin`. */
import { failCall } from '../function.ts';
import { quote } from '../quote.ts';
import { parseAddress } from './address.ts';

/** The parts of a URL. */
export interface Url {
  readonly scheme: string;
  readonly opaque: string;
  readonly user: User | undefined;
  readonly host: string;
  readonly path: string;
  readonly query: string;
  readonly fragment: string;
}

/** The user information of a URL. */
export interface User {
  readonly name: string;
  readonly password: string | undefined;
}

/** A part of a URL, which determines the characters that need no escape. */
type Part = 'path' | 'host' | 'zone' | 'user' | 'fragment';

const PLAIN: Readonly<Record<Part, RegExp>> = {
  path: /[A-Za-z0-9$&+,\-./:;=@_~]/,
  host: /[A-Za-z0-9!"$&'()*+,\-.:;<=>[\]_~]/,
  zone: /[A-Za-z0-9!"$&'()*+,\-.:;<=>[\]_~]/,
  user: /[A-Za-z0-9$&+,\-.;=_~]/,
  fragment: /[A-Za-z0-9!$&()*+,\-./:;=?@_~]/,
};

function escape(text: string, part: Part): string {
  return text.replace(/[^]/g, (byte) => {
    if (PLAIN[part].test(byte)) return byte;
    return `%${byte.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`;
  });
}

function unescape(text: string, part: Part): string {
  const inHost = part === 'host' || part === 'zone';
  for (let at = 0; at < text.length; at++) {
    const byte = text.charAt(at);
    const escaped = text.slice(at, at + 3);
    if (byte !== '%') {
      if (inHost && byte < '\x80' && !PLAIN[part].test(byte)) {
        failCall(`invalid character ${quote(byte)} in host name`);
      }
      continue;
    }
    const code = /^%[0-9a-fA-F]{2}$/.test(escaped) ? parseInt(escaped.slice(1), 16) : undefined;
    // A host may escape only non-ASCII characters, and the "%" before a zone.
    const refused =
      code === undefined ||
      (part === 'host' && code < 0x80 && code !== 0x25) ||
      (part === 'zone' && code !== 0x25 && code !== 0x20 && !PLAIN.host.test(String.fromCharCode(code)));
    if (refused) failCall(`invalid URL escape ${quote(escaped)}`);
    at += 2;
  }
  return text.replace(/%(..)/gs, (_, hex: string) => String.fromCharCode(parseInt(hex, 16)));
}

function cut(text: string, at: string): readonly [before: string, after: string] {
  const index = text.indexOf(at);
  return index === -1 ? [text, ''] : [text.slice(0, index), text.slice(index + at.length)];
}

/** Parses a URL. Fails with Go's error message, without its prefix `parse "URL": `. */
export function parseUrl(text: string): Url {
  const [before, fragment] = cut(text, '#');
  return { ...parseWithoutFragment(before), fragment: unescape(fragment, 'fragment') };
}

const NOTHING: Url = { scheme: '', opaque: '', user: undefined, host: '', path: '', query: '', fragment: '' };

function parseWithoutFragment(text: string): Url {
  if (/(?![\u0080-\u009f])\p{Cc}/u.test(text)) failCall('net/url: invalid control character in URL');
  if (text === '*') return { ...NOTHING, path: '*' };
  if (text.startsWith(':')) failCall('missing protocol scheme');
  const [, prefix = ''] = /^([A-Za-z][A-Za-z0-9+.-]*):/.exec(text) ?? [];
  const scheme = prefix.toLowerCase();
  const [rest, query] = cut(prefix === '' ? text : text.slice(prefix.length + 1), '?');
  const url = { ...NOTHING, scheme, query };
  if (!rest.startsWith('/')) {
    if (scheme !== '') return { ...url, opaque: rest };
    if (cut(rest, '/')[0].includes(':')) failCall('first path segment in URL cannot contain colon');
  }
  if (!rest.startsWith('//') || (scheme === '' && rest.startsWith('///'))) {
    return { ...url, path: unescape(rest, 'path') };
  }
  const [, authority = '', path = ''] = /^\/\/([^/]*)([^]*)$/.exec(rest) ?? [];
  const { user, host } = parseAuthority(scheme, authority);
  return { ...url, user, host, path: unescape(path, 'path') };
}

function parseAuthority(scheme: string, authority: string): { user: User | undefined; host: string } {
  const at = authority.lastIndexOf('@');
  const host = parseHost(scheme, authority.slice(at + 1));
  if (at === -1) return { user: undefined, host };
  const userinfo = authority.slice(0, at);
  if (!/^[A-Za-z0-9\-._:~!$&'()*+,;=%@]*$/.test(userinfo)) failCall('net/url: invalid userinfo');
  const [name, password] = cut(userinfo, ':');
  const user = {
    name: unescape(name, 'user'),
    password: userinfo.includes(':') ? unescape(password, 'user') : undefined,
  };
  return { user, host };
}

function parseHost(scheme: string, host: string): string {
  const bracket = host.lastIndexOf('[');
  if (bracket > 0) return failCall('invalid IP-literal');
  if (bracket === 0) return parseLiteral(host);
  const first = host.indexOf(':');
  if (first !== -1) {
    const web = scheme === 'http' || scheme === 'https';
    checkPort(host.slice(web ? first : host.lastIndexOf(':')));
  }
  return unescape(host, 'host');
}

/** Parses an IPv6 address in brackets. */
function parseLiteral(host: string): string {
  const end = host.lastIndexOf(']');
  if (end === -1) return failCall("missing ']' in host");
  const port = host.slice(end + 1);
  checkPort(port);
  const name = host.slice(1, end);
  const zone = name.indexOf('%25');
  const address =
    zone === -1
      ? unescape(name, 'host')
      : unescape(name.slice(0, zone), 'host') + unescape(name.slice(zone), 'zone');
  try {
    if (parseAddress(address).bytes.length === 4) return failCall('invalid IP-literal');
  } catch (error) {
    if (!(error instanceof Error) || error.message === 'invalid IP-literal') throw error;
    return failCall(`invalid host: ${error.message}`);
  }
  return `[${address}]${unescape(port, 'host')}`;
}

function isPort(text: string): boolean {
  return text === '' || /^:\d*$/.test(text);
}

function checkPort(text: string): void {
  if (!isPort(text)) failCall(`invalid port ${quote(text)} after host`);
}

/** Returns the host of a URL without port and brackets. */
export function hostname({ host }: Url): string {
  const colon = host.lastIndexOf(':');
  const name = colon !== -1 && isPort(host.slice(colon)) ? host.slice(0, colon) : host;
  return name.startsWith('[') && name.endsWith(']') ? name.slice(1, -1) : name;
}

/** Formats the user information of a URL. */
export function formatUser({ name, password }: User): string {
  return escape(name, 'user') + (password === undefined ? '' : `:${escape(password, 'user')}`);
}

/** Formats a URL. */
export function formatUrl({ scheme, opaque, user, host, path, query, fragment }: Url): string {
  let out = scheme === '' ? '' : `${scheme}:`;
  if (opaque !== '') {
    out += opaque;
  } else {
    if ((scheme !== '' && path !== '') || host !== '' || user !== undefined) out += '//';
    if (user !== undefined) out += `${formatUser(user)}@`;
    out += escape(host, 'host');
    const escaped = path === '*' ? '*' : escape(path, 'path');
    if (escaped !== '' && !escaped.startsWith('/') && host !== '') out += '/';
    if (out === '' && cut(escaped, '/')[0].includes(':')) out += './';
    out += escaped;
  }
  if (query !== '') out += `?${query}`;
  return fragment === '' ? out : `${out}#${escape(fragment, 'fragment')}`;
}
