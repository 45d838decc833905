import { join } from 'node:path';
import { fetchPinned, pinOf } from './pinned.ts';
import type { Target } from './targets.ts';

/** Returns the path of the Bun for the target, as pinned in `build/bun/package-lock.json`. */
export async function fetchBun(target: Target, say: (line: string) => void): Promise<string> {
  const pin = pinOf('bun', target.package);
  const files = await fetchPinned(pin, join('bun', `${pin.version}-${target.name}`), say);
  return join(files, 'bin', target.platform === 'win32' ? 'bun.exe' : 'bun');
}
