import { fail } from '../errors.ts';
import type { Impersonation, User } from './kubeconfig/types.ts';
import type { Access } from '../http/connection.ts';

/**
 * Returns the header of a bearer token. Throws `BadKubeconfig` if the token is empty or malformed.
 *
 * @param from the owner of the token, for the error
 */
export function bearer(token: string, from: string): Access['headers'] {
  // Stricter than Go; no valid token has spaces or control characters (RFC 6750, section 2.1).
  if (!/^[\x21-\x7e]+$/.test(token)) {
    const problem = token === '' ? 'the token is empty' : 'the token contains invalid characters';
    return fail({ code: 'BadKubeconfig', at: from, problem });
  }
  return { authorization: `Bearer ${token}` };
}

/** Returns the header of basic authentication (RFC 7617). */
export function basic({ username, password }: Pick<User, 'username' | 'password'>): Access['headers'] {
  return { authorization: `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}` };
}

/**
 * Returns the `Impersonate-…` headers; none if there is no user to impersonate. Throws `BadKubeconfig` for control
 * characters.
 *
 * @param from the source of the names, for the error
 */
export function impersonation({ user, uid, groups, extra }: Impersonation, from: string): Access['headers'] {
  if (user === '') return {};
  const value = (text: string): string => headerValue(text, from);
  return {
    'impersonate-user': value(user),
    ...(uid === '' ? {} : { 'impersonate-uid': value(uid) }),
    ...(groups.length === 0 ? {} : { 'impersonate-group': groups.map(value) }),
    ...Object.fromEntries(
      [...extra].map(([name, values]) => [`impersonate-extra-${escapedName(name)}`, values.map(value)]),
    ),
  };
}

/** Encodes a value as UTF-8, as Go does; Node encodes headers as Latin-1. */
function headerValue(text: string, from: string): string {
  if (/\p{Cc}/u.test(text)) {
    fail({ code: 'BadKubeconfig', at: from, problem: 'an impersonated name contains control characters' });
  }
  return Buffer.from(text, 'utf8').toString('latin1');
}

/** Percent-encodes the bytes that a header name cannot hold (RFC 9110, section 5.6.2: token). */
function escapedName(name: string): string {
  return [...Buffer.from(name, 'utf8')]
    .map((byte) => {
      const character = String.fromCharCode(byte);
      const legal = /[A-Za-z0-9!#$&'*+.^_`|~-]/.test(character);
      return legal ? character : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`;
    })
    .join('');
}
