/** `urlParse` and `urlJoin`. */
import { CallError, define, failCall } from '../function.ts';
import { quote } from '../quote.ts';
import { DICT, type Dict, dict, STRING, typeOf } from '../value.ts';
import { type FunctionTable, orElse } from './table.ts';
import { formatUrl, formatUser, hostname, parseUrl, type Url, type User } from './url.ts';

function parts(url: Url): Dict {
  return dict([
    ['scheme', url.scheme],
    ['host', url.host],
    ['hostname', hostname(url)],
    ['path', url.path],
    ['query', url.query],
    ['opaque', url.opaque],
    ['fragment', url.fragment],
    ['userinfo', url.user === undefined ? '' : formatUser(url.user)],
  ]);
}

function isUrl(text: string): boolean {
  return orElse<Url | null>(() => parseUrl(text), null) !== null;
}

/** Reads a URL; a failure is prefixed with what was wanted. */
function parse(text: string, wanted: string): Url {
  try {
    return parseUrl(text);
  } catch (error) {
    if (!(error instanceof CallError)) throw error;
    // Go shows the URL without its fragment, unless that is at fault.
    const [before = ''] = text.split('#', 1);
    const shown = isUrl(before) ? text : before;
    return failCall(`unable to parse ${wanted}: parse ${quote(shown)}: ${error.message}`);
  }
}

/** A part of the URL: the text of that key, or nothing. */
function part(url: Dict, key: string): string {
  const value = url.entries.get(key);
  if (value === undefined || typeof value === 'string') return value ?? '';
  if (value === null) {
    return failCall('runtime error: invalid memory address or nil pointer dereference');
  }
  return failCall(`unable to parse ${key} key, must be of type string, but ${typeOf(value).kind} found`);
}

function userFrom(userinfo: string): User | undefined {
  if (userinfo === '') return undefined;
  return parse(`proto://${userinfo}@host`, 'userinfo in dict').user;
}

export const URLS: FunctionTable = {
  urlParse: define([STRING], DICT, ([text]) => parts(parse(text, 'url'))),
  urlJoin: define([DICT], STRING, ([url]) => {
    const given = {
      scheme: part(url, 'scheme'),
      host: part(url, 'host'),
      path: part(url, 'path'),
      query: part(url, 'query'),
      opaque: part(url, 'opaque'),
      fragment: part(url, 'fragment'),
    };
    return formatUrl({ ...given, user: userFrom(part(url, 'userinfo')) });
  }),
};
