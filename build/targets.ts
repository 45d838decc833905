import { join } from 'node:path';
import { DIST } from './package.ts';

/** A platform for which there is a single-file kubeseal. */
export interface Target {
  /** The name of the platform, as in `dist/kubeseal-NAME`. */
  readonly name: string;
  /** The values of Node's `process.platform` and `process.arch` on the platform. */
  readonly platform: NodeJS.Platform;
  readonly arch: NodeJS.Architecture;
  /** The package with Bun for the platform, and Bun's own name of the platform. */
  readonly package: string;
  readonly bun: string;
}

/** All platforms for which there is a single-file kubeseal. */
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

/** Returns the target for this machine. Throws if there is none. */
export function thisMachine(): Target {
  const { platform, arch } = process;
  const found = TARGETS.find((each) => each.platform === platform && each.arch === arch);
  if (!found) throw new Error(`there is no single-file kubeseal for ${platform} on ${arch}`);
  return found;
}

/** Returns the path of the single file for a target. */
export function binaryPath({ name, platform }: Target): string {
  return join(DIST, `kubeseal-${name}${platform === 'win32' ? '.exe' : ''}`);
}
