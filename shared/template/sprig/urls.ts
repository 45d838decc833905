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

/** Parses a URL. The error message names what was expected. */
function parse(text: string, wanted: string): Url {
  try {
    return parseUrl(text);
  } catch (error) {
    if (!(error instanceof CallError)) throw error;
    // Go's message shows the URL without its fragment, unless the fragment is invalid.
    const [before = ''] = text.split('#', 1);
    const shown = isUrl(before) ? text : before;
    return failCall(`unable to parse ${wanted}: parse ${quote(shown)}: ${error.message}`);
  }
}

/** Returns the part of the URL with the given key, or an empty string. */
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

/** Sprig's URL functions. */
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
