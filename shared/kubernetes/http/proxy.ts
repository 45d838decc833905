import { fail } from '../../errors.ts';
import { isDirect } from './no-proxy.ts';

/** A server that passes connections on. */
export interface Proxy {
  readonly protocol: 'http:' | 'https:' | 'socks5:';
  /** Without brackets around an IPv6 address. */
  readonly host: string;
  readonly port: number;
  readonly username: string;
  readonly password: string;
}

const PORTS = { 'http:': 80, 'https:': 443, 'socks5:': 1080 } as const;

/** A `proxy-url`, as kubectl takes it. Throws `BadProxy`. */
export function parseProxy(url: string, from: string): Proxy {
  const refuse = (problem: string): never => fail({ code: 'BadProxy', from, problem });
  if (!URL.canParse(url)) return refuse('this is not a URL, such as http://proxy.example.com:3128');
  const { protocol, hostname, port, username, password } = new URL(url);
  if (protocol !== 'http:' && protocol !== 'https:' && protocol !== 'socks5:') {
    return refuse('a proxy is reached by http://, https:// or socks5://');
  }
  if (hostname === '') return refuse('it names no host');
  return {
    protocol,
    host: hostname.replace(/^\[|\]$/g, ''),
    port: port === '' ? PORTS[protocol] : Number(port),
    username: decoded(username),
    password: decoded(password),
  };
}

/**
 * The proxy that the environment names for a URL, by the rules of Go's httpproxy: `HTTPS_PROXY` for https and
 * `HTTP_PROXY` for http, in upper or lower case, but for what `NO_PROXY` takes out. Throws `BadProxy`.
 */
export function environmentProxy(target: URL, environment: NodeJS.ProcessEnv): Proxy | undefined {
  const secure = target.protocol === 'https:';
  const name = secure ? 'HTTPS_PROXY' : 'HTTP_PROXY';
  const given = variable(environment, name);
  if (given === '') return undefined;
  const host = target.hostname.replace(/^\[|\]$/g, '');
  const port = target.port === '' ? (secure ? 443 : 80) : Number(target.port);
  if (isDirect(host, port, variable(environment, 'NO_PROXY'))) return undefined;
  // There, HTTP_PROXY may be the header `Proxy` of a request (https://httpoxy.org).
  if (!secure && environment['REQUEST_METHOD']) {
    fail({ code: 'BadProxy', from: name, problem: 'it is not used in a CGI program' });
  }
  return parseProxy(given.includes('://') ? given : `http://${given}`, name);
}

/** `http://proxy.example.com:3128`, without its login. */
export function showProxy({ protocol, host, port }: Proxy): string {
  return `${protocol}//${host.includes(':') ? `[${host}]` : host}:${port}`;
}

/** The `Proxy-Authorization` header, if the proxy wants a login. */
export function proxyLogin({ username, password }: Proxy): Record<string, string> {
  return username === '' && password === '' ? {} : basicLogin('proxy-authorization', username, password);
}

/** The header that carries a URL's login, if it has one. */
export function loginHeader(header: string, { username, password }: URL): Record<string, string> {
  return username === '' && password === '' ? {} : basicLogin(header, decoded(username), decoded(password));
}

/** RFC 7617 */
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
    // A percent sign that stands for itself.
    return part;
  }
}
