import { fail } from '../../errors.ts';
import type { Impersonation, User } from './kubeconfig/types.ts';
import type { Access } from '../http/connection.ts';

/** Who to be, as HTTP headers. */

export function bearer(token: string, from: string): Access['headers'] {
  // More than Go asks for, and all that any token has (RFC 6750, section 2.1: no spaces, no controls).
  if (!/^[\x21-\x7e]+$/.test(token)) {
    const problem = token === '' ? 'the token is empty' : 'the token holds characters that no token has';
    return fail({ code: 'BadKubeconfig', at: from, problem });
  }
  return { authorization: `Bearer ${token}` };
}

export function basic({ username, password }: Pick<User, 'username' | 'password'>): Access['headers'] {
  return { authorization: `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}` };
}

/** `Impersonate-…`, as the API server reads them. */
export function impersonation(asked: Impersonation, from: string): Access['headers'] {
  if (asked.user === '') return {};
  const value = (text: string): string => headerValue(text, from);
  return {
    'impersonate-user': value(asked.user),
    ...(asked.uid === '' ? {} : { 'impersonate-uid': value(asked.uid) }),
    ...(asked.groups.length === 0 ? {} : { 'impersonate-group': asked.groups.map(value) }),
    ...Object.fromEntries(
      [...asked.extra].map(([name, values]) => [`impersonate-extra-${escapedName(name)}`, values.map(value)]),
    ),
  };
}

/** UTF-8, as Go sends it, where Node would send Latin-1. */
function headerValue(text: string, from: string): string {
  if (/\p{Cc}/u.test(text)) {
    fail({ code: 'BadKubeconfig', at: from, problem: 'a name to impersonate holds control characters' });
  }
  return Buffer.from(text, 'utf8').toString('latin1');
}

/** What cannot stand in the name of a header is percent-encoded (RFC 9110, section 5.6.2: token). */
function escapedName(name: string): string {
  return [...Buffer.from(name, 'utf8')]
    .map((byte) => {
      const character = String.fromCharCode(byte);
      const legal = /[A-Za-z0-9!#$&'*+.^_`|~-]/.test(character);
      return legal ? character : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`;
    })
    .join('');
}
