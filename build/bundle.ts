import { join } from 'node:path';
import { rolldown, type Plugin } from 'rolldown';
import { embeddedPage } from './embedded-page.ts';
import { PACKAGE, packageVersion } from './package.ts';
import { withoutUnused } from './unused.ts';

const MAIN = join(PACKAGE, 'cli', 'main.ts');
const SEAL = join(PACKAGE, 'cli', 'commands', 'seal.ts');

/**
 * Bundles kubeseal with its dependencies into a folder, and returns the bundled source files. The code for sealing is
 * one file, `main.cjs`, beside the small helpers of the bundler; the rest is loaded on demand. The format is CommonJS,
 * because Node's loader of ES modules takes a tenth of the start-up time and eagerly loads everything that `node:fs` and
 * `node:crypto` would load lazily.
 */
export async function bundleKubeseal(dir: string): Promise<readonly string[]> {
  const bundle = await rolldown({
    input: MAIN,
    platform: 'node',
    plugins: [lighter, embeddedPage, withoutUnused],
    transform: { define: { PACKAGE_VERSION: JSON.stringify(packageVersion()) } },
  });
  try {
    const { output } = await bundle.write({
      dir,
      cleanDir: true,
      format: 'cjs',
      dynamicImportInCjs: false,
      minify: true,
      comments: false,
      entryFileNames: '[name].cjs',
      chunkFileNames: '[name].cjs',
      codeSplitting: { groups: [{ name: mainOrNone(), debugName: 'main' }] },
    });
    return output.flatMap((file) => (file.type === 'chunk' ? file.moduleIds : []));
  } finally {
    await bundle.close();
  }
}

/** What a bundler knows about modules. */
export interface ModuleGraph {
  getModuleInfo(id: string): { readonly importedIds: readonly string[] } | null;
}

/** Puts the modules that start-up and sealing import statically into the main file. */
function mainOrNone(): (id: string, graph: ModuleGraph) => string | null {
  let inMain: ReadonlySet<string> | undefined;
  return (id, graph) => {
    inMain ??= importedBy([MAIN, SEAL], graph);
    return inMain.has(id) ? 'main' : null;
  };
}

/** Returns modules and all that they import statically. */
export function importedBy(from: readonly string[], graph: ModuleGraph): ReadonlySet<string> {
  const found = new Set(from);
  // Iteration over a Set includes the elements that are added meanwhile.
  for (const id of found) for (const next of graph.getModuleInfo(id)?.importedIds ?? []) found.add(next);
  return found;
}

const NOTHING = '\0nothing';

/** Removes unused parts of dependencies. */
const lighter: Plugin = {
  name: 'lighter',
  resolveId(id, from) {
    // Commander can run subcommands as separate programs; loading the modules for that is slow.
    if (id === 'node:child_process' && from?.includes('/node_modules/commander/')) return NOTHING;
    return null;
  },
  load: (id) => (id === NOTHING ? 'module.exports = {};' : null),
};
