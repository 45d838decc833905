import { join } from 'node:path';
import { fetchPinned, pinOf, type Pinned } from './pinned.ts';

/** The architectures of the image, from the container platform's name to Node's. */
export const ARCHITECTURES = { amd64: 'x64', arm64: 'arm64' } as const;
/** An architecture, by the container platform's name. */
export type Architecture = keyof typeof ARCHITECTURES;

/** What a Node is pinned for: the one that the image carries, or the oldest one that the package supports. */
export type NodePurpose = 'image' | 'floor';

/** Returns the architecture of this machine. Throws if no Node is pinned for it. */
export function architectureHere(): Architecture {
  const found = (['amd64', 'arm64'] as const).find((each) => ARCHITECTURES[each] === process.arch);
  if (found) return found;
  throw new Error(`no Node is pinned for ${process.arch}`);
}

/** Returns the pin in `build/PURPOSE/package-lock.json`. */
export function nodePin(purpose: NodePurpose, architecture: Architecture): Pinned {
  return pinOf(purpose, `node-linux-${ARCHITECTURES[architecture]}`);
}

/** Returns the folder of the pinned package with Node, and fetches it once. */
export async function fetchNode(
  purpose: NodePurpose,
  architecture: Architecture,
  say: (line: string) => void,
): Promise<string> {
  const pin = nodePin(purpose, architecture);
  return fetchPinned(pin, join('node', `${pin.version}-${architecture}`), say);
}

/**
 * Returns the path of the pinned Node for this machine: of this process's own Node if it has that version, or if there
 * is no such package for this machine.
 */
export async function nodeFor(purpose: NodePurpose, say: (line: string) => void): Promise<string> {
  if (process.platform !== 'linux') {
    say(`no Node is pinned for ${process.platform}: using ${process.version}`);
    return process.execPath;
  }
  const architecture = architectureHere();
  if (process.version === `v${nodePin(purpose, architecture).version}`) return process.execPath;
  return join(await fetchNode(purpose, architecture, say), 'bin', 'node');
}
