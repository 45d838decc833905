import { fail } from '../errors.ts';
import { isDirect } from './no-proxy.ts';

/** A proxy, and the login for it. */
export interface Proxy {
  readonly protocol: 'http:' | 'https:' | 'socks5:';
  /** Without brackets around an IPv6 address. */
  readonly host: string;
  readonly port: number;
  readonly username: string;
  readonly password: string;
}

const DEFAULT_PORTS = { 'http:': 80, 'https:': 443, 'socks5:': 1080 } as const;

/**
 * Parses the URL of a proxy, with the schemes that kubectl accepts. Throws `BadProxy`.
 *
 * @param from the name of the setting, for the error
 */
export function parseProxy(url: string, from: string): Proxy {
  const refuse = (problem: string): never => fail({ code: 'BadProxy', from, problem });
  if (!URL.canParse(url)) return refuse('not a URL such as http://proxy.example.com:3128');
  const { protocol, hostname, port, username, password } = new URL(url);
  if (protocol !== 'http:' && protocol !== 'https:' && protocol !== 'socks5:') {
    return refuse('unsupported scheme; use http://, https:// or socks5://');
  }
  if (hostname === '') return refuse('the URL has no host');
  return {
    protocol,
    host: hostname.replace(/^\[|\]$/g, ''),
    port: port === '' ? DEFAULT_PORTS[protocol] : Number(port),
    username: decoded(username),
    password: decoded(password),
  };
}

/**
 * Returns the proxy that the environment names for a URL, by the rules of Go's httpproxy: `HTTPS_PROXY` for https and
 * `HTTP_PROXY` for http, in upper or lower case, except for the hosts in `NO_PROXY`. Throws `BadProxy`.
 */
export function environmentProxy(target: URL, environment: NodeJS.ProcessEnv): Proxy | undefined {
  const secure = target.protocol === 'https:';
  const name = secure ? 'HTTPS_PROXY' : 'HTTP_PROXY';
  const value = variable(environment, name);
  if (value === '') return undefined;
  const host = target.hostname.replace(/^\[|\]$/g, '');
  const port = target.port === '' ? (secure ? 443 : 80) : Number(target.port);
  if (isDirect(host, port, variable(environment, 'NO_PROXY'))) return undefined;
  // In a CGI program, HTTP_PROXY may come from the `Proxy` header of a request (https://httpoxy.org).
  if (!secure && environment['REQUEST_METHOD']) {
    fail({ code: 'BadProxy', from: name, problem: 'refused in a CGI program' });
  }
  return parseProxy(value.includes('://') ? value : `http://${value}`, name);
}

/** Returns the proxy's URL without the login, such as `http://proxy.example.com:3128`. */
export function showProxy({ protocol, host, port }: Proxy): string {
  return `${protocol}//${host.includes(':') ? `[${host}]` : host}:${port}`;
}

/** Returns the `Proxy-Authorization` header for the proxy's login; no header if it has none. */
export function proxyLogin({ username, password }: Proxy): Record<string, string> {
  return username === '' && password === '' ? {} : basicLogin('proxy-authorization', username, password);
}

/** Returns a header with a URL's login; no header if it has none. */
export function loginHeader(header: string, { username, password }: URL): Record<string, string> {
  return username === '' && password === '' ? {} : basicLogin(header, decoded(username), decoded(password));
}

/** Basic authentication (RFC 7617). */
function basicLogin(header: string, username: string, password: string): Record<string, string> {
  return { [header]: `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}` };
}

function variable(environment: NodeJS.ProcessEnv, name: string): string {
  return environment[name] || environment[name.toLowerCase()] || '';
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    // A literal percent sign.
    return part;
  }
}
