import {
  chmodSync,
  cpSync,
  mkdirSync,
  readdirSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
  lutimesSync,
} from 'node:fs';
import { join } from 'node:path';
import { bundleController } from './controller-bundle.ts';
import { noticesFor } from './notices.ts';
import { DIST, PACKAGE, readJson } from './package.ts';
import { fetchPinned, pinOf, type Pinned } from './pinned.ts';
import { sbom } from './sbom.ts';

/** The processors that there is an image for, by the names that images have for them, and Node's. */
export const ARCHITECTURES = { amd64: 'x64', arm64: 'arm64' } as const;
export type Architecture = keyof typeof ARCHITECTURES;

/** The one of this machine. Throws where there is none. */
export function architectureHere(): Architecture {
  const found = (['amd64', 'arm64'] as const).find((each) => ARCHITECTURES[each] === process.arch);
  if (found) return found;
  throw new Error(`there is no image for ${process.arch}`);
}

/** Where all of it is in the image, but for the link that makes `controller` a command. */
const HOME = 'usr/local/lib/sealed-secrets';

/** Where the file tree for a processor is made. */
export function imageRoot(architecture: Architecture): string {
  return join(DIST, 'image', architecture);
}

/**
 * Makes the files that the image has beside those of its base, as `Dockerfile` copies them. The base brings the C and
 * C++ libraries that Node is linked to, and nothing else that is needed.
 */
export async function makeImageRoot(
  architecture: Architecture,
  say: (line: string) => void,
  root: string = imageRoot(architecture),
): Promise<string> {
  const pin = nodePin(architecture);
  const node = await fetchNode(architecture, say);
  rmSync(root, { recursive: true, force: true });
  const home = join(root, HOME);
  mkdirSync(home, { recursive: true });

  const modules = await bundleController(home);
  chmodSync(join(home, 'controller.js'), 0o755);
  cpSync(join(node, 'bin', 'node'), join(home, 'node'));
  // To be run and not read by the controller's user: the kernel then writes no core dump of it, and lets no other
  // process of that user look into its memory.
  chmodSync(join(home, 'node'), 0o711);
  writeFileSync(join(home, 'package.json'), manifest());

  cpSync(join(PACKAGE, 'LICENSE'), join(home, 'LICENSE'));
  cpSync(join(node, 'LICENSE'), join(home, 'LICENSE-node.txt'));
  writeFileSync(join(home, 'THIRD-PARTY-NOTICES.txt'), noticesFor(modules));
  writeFileSync(join(home, 'sbom.cdx.json'), await sbom([{ name: 'node', license: 'MIT', pin }]));

  mkdirSync(join(root, 'usr/local/bin'));
  symlinkSync('../lib/sealed-secrets/controller.js', join(root, 'usr/local/bin/controller'));
  settle(root);
  return root;
}

/** The Node that the image carries. */
export function nodePin(architecture: Architecture): Pinned {
  return pinOf('image', `node-linux-${ARCHITECTURES[architecture]}`);
}

/** The folder of the package that has it, as `build/image/package-lock.json` pins it. */
export async function fetchNode(architecture: Architecture, say: (line: string) => void): Promise<string> {
  const pin = nodePin(architecture);
  return fetchPinned(pin, join('node', `${pin.version}-${architecture}`), say);
}

/** What tells Node that the files are ES modules, and scanners what they are of. */
function manifest(): string {
  const own = readJson('package.json');
  const [name, version, license] = ['name', 'version', 'license'].map((field) => own.requiredString(field));
  return `${JSON.stringify({ name, version, license, private: true, type: 'module' }, null, 2)}\n`;
}

/** One time for all files and the usual modes, whatever the umask, so that the tree is the same whenever it is made. */
function settle(path: string): void {
  for (const entry of readdirSync(path, { withFileTypes: true })) {
    const each = join(path, entry.name);
    if (entry.isSymbolicLink()) lutimesSync(each, 0, 0);
    else if (entry.isDirectory()) settle(each);
    else utimesSync(each, 0, 0);
  }
  chmodSync(path, 0o755);
  utimesSync(path, 0, 0);
}
