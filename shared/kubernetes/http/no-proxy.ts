import { BlockList, isIP, isIPv4 } from 'node:net';

/**
 * Returns whether `NO_PROXY` excludes a host from the proxy, by the rules of Go's httpproxy. An entry is a name with
 * its subdomains (`example.com`), its subdomains alone (`.example.com` or `*.example.com`), an address, a network
 * (`10.0.0.0/8`), a name or an address with a port, or `*` for all hosts. Loopback hosts are always excluded.
 */
export function isDirect(host: string, port: number, noProxy: string): boolean {
  const name = host.toLowerCase();
  if (name === 'localhost') return true;
  const address = isIP(name) === 0 ? undefined : name;
  if (address !== undefined && isLoopback(address)) return true;
  return noProxy
    .split(',')
    .map((entry) => entry.trim().toLowerCase())
    .some((entry) => entry === '*' || (entry !== '' && matches(entry, { name, address, port })));
}

/** A host to connect to. */
interface Target {
  /** The name or address, in lower case. */
  readonly name: string;
  /** The address, if `name` is one. */
  readonly address: string | undefined;
  readonly port: number;
}

function matches(entry: string, target: Target): boolean {
  const { address } = target;
  const network = /^(.+)\/(\d+)$/.exec(entry);
  if (network) return address !== undefined && contains(network[1] ?? '', Number(network[2]), address);
  const { name, port } = split(entry);
  if (name === '' || (port !== undefined && port !== target.port)) return false;
  if (isIP(name) !== 0) return address !== undefined && contains(name, isIPv4(name) ? 32 : 128, address);
  if (address !== undefined) return false;
  const domain = name.startsWith('*.') ? name.slice(1) : name;
  if (domain.startsWith('.')) return target.name.endsWith(domain);
  return target.name === domain || target.name.endsWith(`.${domain}`);
}

/** Splits `NAME`, `NAME:PORT`, `[IPV6]:PORT` or a bare `IPV6`. */
function split(entry: string): { name: string; port?: number } {
  const found = /^(\[[^\]]*\]|[^:]*):(\d+)$/.exec(entry);
  if (!found) return { name: entry };
  return { name: (found[1] ?? '').replace(/^\[|\]$/g, ''), port: Number(found[2]) };
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
