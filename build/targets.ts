import { join } from 'node:path';
import { DIST } from './package.ts';

/** A machine that there is a single-file kubeseal for. */
export interface Target {
  /** As in `dist/kubeseal-NAME`. */
  readonly name: string;
  /** The values of Node's `process.platform` and `process.arch` there. */
  readonly platform: NodeJS.Platform;
  readonly arch: NodeJS.Architecture;
  /** The package that has Bun for it, and Bun's name of it. */
  readonly package: string;
  readonly bun: string;
}

export const TARGETS: readonly Target[] = [
  target('linux-x64', 'linux', 'x64', 'linux-x64'),
  target('linux-arm64', 'linux', 'arm64', 'linux-aarch64'),
  target('macos-arm64', 'darwin', 'arm64', 'darwin-aarch64'),
  target('macos-x64', 'darwin', 'x64', 'darwin-x64'),
  target('windows-x64', 'win32', 'x64', 'windows-x64'),
];

function target(name: string, platform: NodeJS.Platform, arch: NodeJS.Architecture, bun: string): Target {
  return { name, platform, arch, package: `@oven/bun-${bun}`, bun: `bun-${bun}` };
}

/** The one for this machine. Throws where there is none. */
export function thisMachine(): Target {
  const { platform, arch } = process;
  const found = TARGETS.find((each) => each.platform === platform && each.arch === arch);
  if (!found) throw new Error(`there is no single-file kubeseal for ${platform} on ${arch}`);
  return found;
}

/** Where the single file for a machine is built. */
export function binaryPath({ name, platform }: Target): string {
  return join(DIST, `kubeseal-${name}${platform === 'win32' ? '.exe' : ''}`);
}
