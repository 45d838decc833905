import { spawnSync } from 'node:child_process';
import { nodeFor } from '../build/pinned-node.ts';

/**
 * Makes figures those of the Node that the image carries, whichever Node started the bench. Returns if this process
 * runs on it; otherwise runs the same command on it, and ends this process with its exit code.
 */
export async function continueOnImageNode(): Promise<void> {
  const node = await nodeFor('image', (line) => console.error(line));
  if (node === process.execPath) return;
  const { status, error } = spawnSync(node, [...process.execArgv, ...process.argv.slice(1)], {
    stdio: 'inherit',
  });
  if (error) throw error;
  process.exit(status ?? 1);
}
