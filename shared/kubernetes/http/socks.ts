import { isIPv4, isIPv6, type Socket } from 'node:net';
import { NetworkError } from './network-error.ts';
import type { Proxy } from './proxy.ts';

/** SOCKS version 5 (RFC 1928) with name resolution by the proxy and username/password login (RFC 1929). */

const REFUSALS: Readonly<Record<number, string>> = {
  1: 'general failure',
  2: 'not allowed by its rules',
  3: 'network unreachable',
  4: 'no route to host',
  5: 'connection refused',
  6: 'timed out',
};

/** Asks the proxy at the other end of the socket to connect to a host. Throws `NetworkError` if it refuses. */
export async function socksHandshake(
  socket: Socket,
  proxy: Proxy,
  { host, port }: { readonly host: string; readonly port: number },
): Promise<void> {
  const login = proxy.username !== '' || proxy.password !== '';
  socket.write(Buffer.from(login ? [5, 2, 0, 2] : [5, 1, 0]));
  const [version, method] = await read(socket, 2);
  if (version !== 5) throw new NetworkError('it is not a SOCKS 5 proxy');
  if (method === 2 && login) {
    socket.write(Buffer.concat([Buffer.from([1]), sized(proxy.username), sized(proxy.password)]));
    const [, status] = await read(socket, 2);
    if (status !== 0) throw new NetworkError('authentication failed');
  } else if (method !== 0) {
    throw new NetworkError(
      'authentication required; put the credentials in the URL: socks5://NAME:PASSWORD@…',
    );
  }
  socket.write(Buffer.concat([Buffer.from([5, 1, 0]), address(host), Buffer.from([port >> 8, port & 255])]));
  const [, reply, , addressType] = await read(socket, 4);
  if (reply !== 0) throw new NetworkError(REFUSALS[reply ?? -1] ?? `it refuses (${reply ?? 'nothing'})`);
  // Skip the bound address and port, which are not needed.
  const rest = addressType === 1 ? 4 : addressType === 4 ? 16 : ((await read(socket, 1))[0] ?? 0);
  await read(socket, rest + 2);
}

function address(host: string): Buffer {
  if (isIPv4(host)) return Buffer.from([1, ...host.split('.').map(Number)]);
  if (isIPv6(host)) return Buffer.concat([Buffer.from([4]), ipv6Bytes(host)]);
  return Buffer.concat([Buffer.from([3]), sized(host)]);
}

function ipv6Bytes(host: string): Buffer {
  // The URL parser writes IPv4 tails as hexadecimal groups.
  const [left = '', right] = new URL(`http://[${host}]`).hostname.slice(1, -1).split('::');
  const groups = (text: string): string[] => (text === '' ? [] : text.split(':'));
  const head = groups(left);
  const tail = groups(right ?? '');
  const middle = Array.from({ length: 8 - head.length - tail.length }, () => '0');
  return Buffer.from([...head, ...middle, ...tail].map((group) => group.padStart(4, '0')).join(''), 'hex');
}

function sized(text: string): Buffer {
  const bytes = Buffer.from(text, 'utf8');
  if (bytes.length > 255) throw new NetworkError('the host name or login is too long for SOCKS');
  return Buffer.concat([Buffer.from([bytes.length]), bytes]);
}

/** Reads exactly `size` bytes. Later bytes stay in the socket. */
async function read(socket: Socket, size: number): Promise<Buffer> {
  for (;;) {
    const bytes: unknown = size === 0 ? Buffer.alloc(0) : socket.read(size);
    if (Buffer.isBuffer(bytes) && bytes.length === size) return bytes;
    if (socket.readableEnded || socket.destroyed) throw new NetworkError('the connection was closed');
    await new Promise<void>((resolve, reject) => {
      const done = (settle: () => void) => (): void => {
        socket.off('readable', more).off('end', ended).off('close', ended);
        settle();
      };
      const more = done(resolve);
      const ended = done(() => reject(new NetworkError('the connection was closed')));
      socket.on('readable', more).on('end', ended).on('close', ended);
    });
  }
}
