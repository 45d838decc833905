import { BlockList, isIP, isIPv4 } from 'node:net';

/**
 * Whether `NO_PROXY` takes a host out, by the rules of Go's httpproxy: names with their subdomains (`example.com`,
 * also with a `*.`), subdomains alone (`.example.com`), addresses, networks (`10.0.0.0/8`), any of the names and
 * addresses with a port, and `*` for all. The machine itself is always taken out.
 */
export function isDirect(host: string, port: number, noProxy: string): boolean {
  const name = host.toLowerCase();
  if (name === 'localhost') return true;
  const address = isIP(name) === 0 ? undefined : name;
  if (address !== undefined && isLoopback(address)) return true;
  return noProxy
    .split(',')
    .map((entry) => entry.trim().toLowerCase())
    .some((entry) => entry === '*' || (entry !== '' && matches(entry, name, address, port)));
}

function matches(entry: string, host: string, address: string | undefined, port: number): boolean {
  const network = /^(.+)\/(\d+)$/.exec(entry);
  if (network) return address !== undefined && contains(network[1] ?? '', Number(network[2]), address);
  const { name, only } = split(entry);
  if (name === '' || (only !== undefined && only !== port)) return false;
  if (isIP(name) !== 0) return address !== undefined && contains(name, isIPv4(name) ? 32 : 128, address);
  if (address !== undefined) return false;
  const domain = name.startsWith('*.') ? name.slice(1) : name;
  return domain.startsWith('.') ? host.endsWith(domain) : host === domain || host.endsWith(`.${domain}`);
}

/** `NAME`, `NAME:PORT`, `[IPV6]:PORT` or a bare `IPV6`. */
function split(entry: string): { name: string; only?: number } {
  const found = /^(\[[^\]]*\]|[^:]*):(\d+)$/.exec(entry);
  if (!found) return { name: entry };
  return { name: (found[1] ?? '').replace(/^\[|\]$/g, ''), only: Number(found[2]) };
}

function contains(network: string, prefix: number, address: string): boolean {
  const family = isIP(network);
  if (family === 0 || prefix > (family === 4 ? 32 : 128)) return false;
  const list = new BlockList();
  list.addSubnet(network, prefix, family === 4 ? 'ipv4' : 'ipv6');
  return list.check(address, isIPv4(address) ? 'ipv4' : 'ipv6');
}

function isLoopback(address: string): boolean {
  return contains('127.0.0.0', 8, address) || contains('::1', 128, address);
}
