import type { CliContext } from '../context.ts';
import { findConfig } from './find-config.ts';

/** Returns the names of the clusters of the `.kubeseal.yaml` that is near the working folder. None if it cannot be read. */
export async function clustersNear(context: CliContext): Promise<readonly string[]> {
  try {
    const config = await findConfig(undefined, { config: undefined }, context);
    return config?.clusters.map(({ name }) => name) ?? [];
  } catch {
    return [];
  }
}
