import { findBinaries } from '../control-plane/binaries.ts';
import { run } from './run.ts';

/** Runs the real kubectl and returns its stdout. Throws if it fails. */
export async function kubectl(kubeconfig: string, ...args: readonly string[]): Promise<string> {
  const binaries = await findBinaries(['kubectl'], (line) => console.error(line));
  const binary = binaries.get('kubectl') ?? 'kubectl';
  // Without its own cache directory, kubectl would write to the user's.
  const ran = await run(binary, ['--kubeconfig', kubeconfig, '--cache-dir', `${kubeconfig}.cache`, ...args]);
  if (ran.code !== 0) throw new Error(`kubectl ${args.join(' ')}: ${ran.stderr}`);
  return ran.stdout;
}
