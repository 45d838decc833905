import { execFile } from 'node:child_process';
import { accessSync, constants, statSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';

import { build, findGo, readModule } from './build.ts';
import type { BuildModule, Tool } from './build.ts';

export type { Tool } from './build.ts';

/** The binaries for a control plane are missing and cannot be built here. The message says how to get them. */
export class NoControlPlane extends Error {
  override readonly name = 'NoControlPlane';
}

/**
 * Finds the given tools in this order: the folder `KUBEBUILDER_ASSETS` (which envtest uses), PATH, the cache. Builds
 * missing ones with Go into the cache, which takes minutes the first time.
 *
 * @param say receives a line for each step, and every 15 seconds of building
 * @throws NoControlPlane if a tool is missing and Go is missing, too old, or fails to build it
 */
export async function findBinaries(
  tools: readonly Tool[],
  say: (line: string) => void,
): Promise<Map<Tool, string>> {
  const found = await findExisting(tools);
  const missing = tools.filter((tool) => !found.has(tool));
  if (missing.length === 0) return found;

  // Build one at a time: each build uses all cores, and linking two at once doubles the memory.
  for (const tool of missing) {
    const module = readModule(tool);
    const go = await findGo(module);
    if (go === null) {
      throw new NoControlPlane(
        `${tool} not found: set KUBEBUILDER_ASSETS to a folder that has ${missing.join(' and ')}, ` +
          `or install Go ${module.go} or newer to have them built`,
      );
    }
    say(`building ${tool} (${module.version}) with ${go}, once, for ${module.cache}`);
    try {
      found.set(tool, await build(tool, module, say));
    } catch (cause) {
      throw new NoControlPlane(`could not build ${tool}: ${String(cause)}`, { cause });
    }
  }
  return found;
}

/** Whether all tools are already installed, so that a control plane starts in seconds. */
export async function haveBinaries(tools: readonly Tool[]): Promise<boolean> {
  const found = await findExisting(tools);
  return tools.every((tool) => found.has(tool));
}

/** Whether a Go that can build the missing tools is installed (modules may still have to be downloaded). */
export async function canBuild(): Promise<boolean> {
  return (await findGo(readModule('kube-apiserver'))) !== null;
}

async function findExisting(tools: readonly Tool[]): Promise<Map<Tool, string>> {
  const found = new Map<Tool, string>();
  for (const tool of tools) {
    const module = readModule(tool);
    const path =
      executable(process.env['KUBEBUILDER_ASSETS'], tool) ??
      (await findOnPath(tool, module)) ??
      executable(module.cache, tool);
    if (path !== null) found.set(tool, path);
  }
  return found;
}

async function findOnPath(tool: Tool, module: BuildModule): Promise<string | null> {
  for (const folder of (process.env['PATH'] ?? '').split(delimiter)) {
    const path = executable(folder, tool);
    if (path !== null && (await isWanted(tool, path, module))) return path;
  }
  return null;
}

/**
 * Any kubectl, promtool, age, actionlint and kustomize is accepted. Servers and helm on PATH may be years old, so they must have the pinned
 * minor version; to use other ones, set KUBEBUILDER_ASSETS.
 */
async function isWanted(tool: Tool, path: string, module: BuildModule): Promise<boolean> {
  if (['kubectl', 'promtool', 'age', 'age-keygen', 'actionlint', 'kustomize'].includes(tool)) return true;
  const minor = /\d+\.\d+\./.exec(module.version)?.[0] ?? module.version;
  const asked = tool === 'helm' ? ['version', '--short'] : ['--version'];
  try {
    const { stdout } = await promisify(execFile)(path, asked, { timeout: 10_000 });
    return /\d+\.\d+\.\d+/.exec(stdout)?.[0].startsWith(minor) ?? false;
  } catch {
    return false;
  }
}

function executable(folder: string | undefined, tool: Tool): string | null {
  if (folder === undefined || folder === '') return null;
  const path = join(folder, tool);
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile() ? path : null;
  } catch {
    return null;
  }
}
