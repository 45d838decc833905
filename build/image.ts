/**
 * Builds the file trees of the controller's image for the architectures given as arguments (`amd64`, `arm64`), or for
 * both.
 */
import { makeImageRoot } from './image-root.ts';
import { ARCHITECTURES, type Architecture } from './pinned-node.ts';

const say = (line: string): void => console.error(line);
for (const architecture of chosen(process.argv.slice(2))) console.log(await makeImageRoot(architecture, say));

function chosen(names: readonly string[]): readonly Architecture[] {
  const all = Object.keys(ARCHITECTURES).filter(isArchitecture);
  const other = names.find((name) => !isArchitecture(name));
  if (other !== undefined) throw new Error(`no such processor: ${other} (there are ${all.join(', ')})`);
  return names.length === 0 ? all : names.filter(isArchitecture);
}

function isArchitecture(name: string): name is Architecture {
  return Object.hasOwn(ARCHITECTURES, name);
}
