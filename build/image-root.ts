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
import { fetchNode, nodePin, type Architecture } from './pinned-node.ts';
import { sbom } from './sbom.ts';

/** The folder of all files in the image, except for the link that makes `controller` a command. */
const HOME = 'usr/local/lib/sealed-secrets';

/** Returns the folder in which the file tree for an architecture is built. */
export function imageRoot(architecture: Architecture): string {
  return join(DIST, 'image', architecture);
}

/**
 * Builds the files that the image adds to its base, as `Dockerfile` copies them. The base only has to provide the C
 * and C++ libraries that Node is linked to.
 */
export async function makeImageRoot(
  architecture: Architecture,
  say: (line: string) => void,
  root: string = imageRoot(architecture),
): Promise<string> {
  const pin = nodePin('image', architecture);
  const node = await fetchNode('image', architecture, say);
  rmSync(root, { recursive: true, force: true });
  const home = join(root, HOME);
  mkdirSync(home, { recursive: true });

  const modules = await bundleController(home);
  chmodSync(join(home, 'controller.js'), 0o755);
  cpSync(join(node, 'bin', 'node'), join(home, 'node'));
  // Executable but not readable for the controller's user: then the kernel writes no core dump of the process and
  // prevents other processes of that user from reading its memory.
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

/** Returns a package.json that marks the files as ES modules, and identifies the package to scanners. */
function manifest(): string {
  const own = readJson('package.json');
  const [name, version, license] = ['name', 'version', 'license'].map((field) => own.requiredString(field));
  return `${JSON.stringify({ name, version, license, private: true, type: 'module' }, null, 2)}\n`;
}

/** Sets the same time and the usual modes on all files, regardless of the umask, so that the tree is reproducible. */
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
