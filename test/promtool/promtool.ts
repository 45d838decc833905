import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { buildProgram, findGo, readGoModule } from '../control-plane/build.ts';

/**
 * Prometheus' own checker: the one on PATH, or one that is built with Go into the cache, which takes a minute or two
 * the first time. Null where there is neither.
 */
export async function findPromtool(say: (line: string) => void): Promise<string | null> {
  const module = readGoModule('promtool', '', /^\s*github\.com\/prometheus\/prometheus (v\S+)/m);
  const folders = [...(process.env['PATH'] ?? '').split(delimiter), module.cache];
  const found = folders.map((folder) => join(folder, 'promtool')).find(isExecutable);
  if (found !== undefined) return found;
  if ((await findGo(module)) === null) return null;
  say(`building promtool ${module.version}, once, for ${module.cache}`);
  // Without the discovery of services, which is most of it and has no part in the check.
  const flags = ['-tags=remove_all_sd', '-ldflags=-s -w'];
  return buildProgram('promtool', 'github.com/prometheus/prometheus/cmd/promtool', module, flags, say);
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
