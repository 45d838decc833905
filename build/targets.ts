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
  target({ name: 'linux-x64', platform: 'linux', arch: 'x64', bun: 'linux-x64' }),
  target({ name: 'linux-arm64', platform: 'linux', arch: 'arm64', bun: 'linux-aarch64' }),
  target({ name: 'macos-arm64', platform: 'darwin', arch: 'arm64', bun: 'darwin-aarch64' }),
  target({ name: 'macos-x64', platform: 'darwin', arch: 'x64', bun: 'darwin-x64' }),
  target({ name: 'windows-x64', platform: 'win32', arch: 'x64', bun: 'windows-x64' }),
];

/** Completes a target from Bun's name of its platform. */
function target({ bun, ...platform }: Omit<Target, 'package'>): Target {
  return { ...platform, package: `@oven/bun-${bun}`, bun: `bun-${bun}` };
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
